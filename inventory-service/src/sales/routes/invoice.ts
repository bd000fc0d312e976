import { PDF_TYPE } from '@countinghouse/shared/documents/pdf'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Streamed } from '@countinghouse/shared/http/stream'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { masked } from '@countinghouse/shared/persons'
import { z } from 'zod'
import { findParty } from '../../parties/store.js'
import { getSale } from '../commands/deps.js'
import { toInvoice } from '../invoice.js'
import { askerOf } from '../../asking.js'
import { params, reader, tag, type RouteDeps } from './asking.js'

export const invoiceEndpoints = ({ db, timeZone: zone }: RouteDeps) => [
  endpoint({
    ...{ method: 'get', path: '/sales/:bill_number/invoice', summary: 'The invoice of a sale as a PDF', tag },
    reads: { data: 'personal', of: 'sale' },
    ...{ access: reader, params, view: z.void(), streams: [PDF_TYPE], refusals: ['sale_not_found'] },
    handle: async ({ params: { bill_number: number }, user }) => {
      const sale = await getSale(readsOn(db), number, askerOf(user))
      const customer = await findParty(readsOn(db), 'customer', sale.customerId)
      const seen = user.role === 'viewer' ? masked : <Text>(text: Text): Text => text
      const { contact = null, address = null } = customer ?? {}
      const headers = { 'content-disposition': `inline; filename="${sale._id}.pdf"` }
      return new Streamed(
        PDF_TYPE,
        toInvoice(
          { ...sale, customerName: seen(sale.customerName) },
          { customer: { contact: seen(contact), address: seen(address) }, zone },
        ),
        headers,
      )
    },
  }),
]
