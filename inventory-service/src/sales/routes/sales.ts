import { dryRunQuery, rehearsed } from '@countinghouse/shared/http/dryRun'
import { instantsOf } from '@countinghouse/shared/days'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { forLatest } from '@countinghouse/shared/latest'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { WaitsForApproval } from '../../approvals/gate.js'
import { WaitingView, isWaiting, toWaitingView } from '../../approvals/view.js'
import { wordsOf } from '../../parties/domain.js'
import { createSale, previewSale, saleKind, type AskedSale } from '../commands/create.js'
import { getSale } from '../commands/deps.js'
import { listSales } from '../store.js'
import { DrySaleView, SaleView } from '../view.js'
import { askerOf } from '../../asking.js'
import { params, reader, tag, todayOf, viewOf, writer, type RouteDeps } from './asking.js'
import { bodiesIn, saleQuery } from './bodies.js'
import { saleBody, saleExample } from './examples.js'

export const saleEndpoints = (deps: RouteDeps) => [createEndpoint(deps), ...readEndpoints(deps)]

const createEndpoint = (deps: RouteDeps) => {
  const { Sale: body } = bodiesIn(deps.approvalRules.currency)
  return endpoint({
    ...{ method: 'post', path: '/sales', summary: 'Make a sale: its goods leave the stock with it', tag },
    ...{ access: writer, status: 201, idempotent: true, isOpen: isWaiting, query: z.object(dryRunQuery), body },
    view: z.union([DrySaleView, SaleView, WaitingView]),
    refusals: [...saleKind(deps).refusals, 'approval_not_found', 'approval_closed', 'discount_above_price', 'bill_too_large', 'stock_busy'], // prettier-ignore
    example: { body: saleBody, view: saleExample },
    handle: ({ query, body: asked, user, answering }) => {
      const [sale, maker] = [toAsked(asked), askerOf(user)]
      if (query.dry_run) return rehearse(deps, sale, maker)
      const view = forLatest(viewOf(deps))
      return answering(async (answerWrites) => {
        const made = await createSale(deps, sale, maker, {
          made: (done) => answerWrites(view(done)),
          waiting: (approval) => answerWrites(toWaitingView(approval)),
        })
        return made instanceof WaitsForApproval ? toWaitingView(made.approval) : view(made)
      })
    },
  })
}

const rehearse = async (deps: RouteDeps, asked: AskedSale, maker: Parameters<typeof previewSale>[2]) => {
  const { sale, waits } = await previewSale(deps, asked, maker)
  return rehearsed(DrySaleView, { ...viewOf(deps)(sale), bill_number: null, needs_approval: waits })
}

type SaleBody = z.output<ReturnType<typeof bodiesIn>['Sale']>

const toAsked = (body: SaleBody): AskedSale => ({
  customerId: body.customer_id,
  warehouseId: body.warehouse_id,
  lines: body.line_items.map((line) => ({
    itemId: line.item_id,
    quantity: line.quantity,
    unitPriceMinor: line.unit_price,
    blowPriceMinor: line.blow_price,
    discountMinor: line.discount,
  })),
  discountMinor: body.discount,
  taxRateBps: body.tax_rate,
  dueOn: body.due_date,
  notes: body.notes,
  replaces: body.replaces,
})

const readEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...{ method: 'get', path: '/sales', summary: 'List sales, newest first', tag, access: reader },
    reads: { data: 'personal', of: 'sale', id: 'bill_number' },
    ...{ query: saleQuery, view: SaleView, list: true, example: { view: [saleExample] } },
    handle: async ({ query, user }) => {
      const { from, to, search, customer_id: customerId, payment_status: paymentStatus, ordering, ...rest } = query
      const { userId, seesAll } = askerOf(user)
      const asked = {
        ...{ ...rest, customerId, paymentStatus, sort: ordering, words: wordsOf(search), today: todayOf(deps) },
        period: instantsOf({ from, to }, deps.timeZone),
        createdBy: seesAll ? undefined : userId,
      }
      return (await listSales(readsOn(deps.db), asked, query)).map(viewOf(deps))
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/sales/:bill_number', summary: 'Read a sale', tag, access: reader, params },
    reads: { data: 'personal', of: 'sale' },
    ...{ view: SaleView, refusals: ['sale_not_found'], example: { view: saleExample } },
    handle: async ({ params: { bill_number: number }, user }) =>
      viewOf(deps)(await getSale(readsOn(deps.db), number, askerOf(user))),
  }),
]
