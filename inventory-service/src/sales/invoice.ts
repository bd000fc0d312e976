import { toPdf, type Block } from '@countinghouse/shared/documents/pdf'
import { printAmount } from '@countinghouse/shared/documents/table'
import type { Party } from '../parties/domain.js'
import { dueMinor, keptMinor, type Sale } from './domain/sale.js'

const columns = [
  { key: 'item', title: 'Item', kind: 'text' },
  { key: 'quantity', title: 'Quantity', kind: 'number' },
  { key: 'price', title: 'Unit price', kind: 'money' },
  { key: 'discount', title: 'Discount', kind: 'money' },
  { key: 'tax', title: 'Tax', kind: 'money' },
  { key: 'total', title: 'Total', kind: 'money' },
] as const

export type InvoiceFacts = { customer: Pick<Party, 'contact' | 'address'> | undefined; zone: string }

/** The bill of a sale, as a PDF. */
export const toInvoice = (sale: Sale, { customer, zone }: InvoiceFacts): AsyncGenerator<Buffer> => {
  const rows = sale.lines.map((line) => ({
    ...{ item: line.itemName, quantity: line.quantity, price: line.unitPriceMinor, discount: line.discountMinor },
    ...{ tax: line.taxMinor, total: line.totalMinor - line.discountMinor + line.taxMinor },
  }))
  const blocks: Block[] = [
    {
      beside: [
        ['Bill to', sale.customerName, ...[customer?.contact, customer?.address].filter(isText), sale.customerId],
        ['Invoice', sale._id, `Date: ${sale.day}`, `Due: ${sale.dueOn}`, `Status: ${sale.status}`],
      ],
    },
    { table: { columns, rows, currency: sale.currency, zone } },
    { totals: totalsOf(sale) },
    ...(sale.notes === null ? [] : [{ text: sale.notes }]),
  ]
  return toPdf({ title: `Invoice ${sale._id}`, madeAt: sale.updatedAt, blocks })
}

const totalsOf = (sale: Sale): [string, string][] => {
  const amount = (amountMinor: bigint) => printAmount(amountMinor, sale.currency)
  const optional: [string, bigint][] = [
    ['Discount', -sale.discountMinor],
    ['Tax', sale.taxMinor],
    ['Credited', -sale.creditedMinor],
    ['Paid', -keptMinor(sale)],
  ]
  return [
    ['Goods', amount(sale.subtotalMinor)],
    ...optional.filter(([, minor]) => minor !== 0n).map(([name, minor]): [string, string] => [name, amount(minor)]),
    ['Amount due', amount(dueMinor(sale))],
  ]
}

const isText = (text: string | null | undefined): text is string => typeof text === 'string'
