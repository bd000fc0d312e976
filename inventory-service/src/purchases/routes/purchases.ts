import { dryRunQuery, rehearsed } from '@countinghouse/shared/http/dryRun'
import { instantsOf } from '@countinghouse/shared/days'
import { endpoint, type AnswerWrites } from '@countinghouse/shared/http/endpoint'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import type { Approval } from '../../approvals/domain.js'
import { WaitsForApproval } from '../../approvals/gate.js'
import { WaitingView, isWaiting, toWaitingView } from '../../approvals/view.js'
import { askerOf, type Asker } from '../../asking.js'
import { changePurchase } from '../commands/change.js'
import { createPurchase, previewPurchase, type Asked } from '../commands/create.js'
import { getPurchase } from '../commands/deps.js'
import type { Purchase } from '../domain/purchase.js'
import { listPurchases } from '../store.js'
import { DryPurchaseView, PurchaseView } from '../view.js'
import { params, purchaseQuery, reader, tag, todayOf, viewOf, writer, type RouteDeps } from './asking.js' // prettier-ignore
import { termsIn } from './bodies.js'
import { purchaseBody, purchaseExample, orderedExample } from './examples.js'

export const purchaseEndpoints = (deps: RouteDeps) => [
  createEndpoint(deps),
  ...readEndpoints(deps),
  changeEndpoint(deps),
]

export const MadeView = z.union([DryPurchaseView, PurchaseView, WaitingView])

/** Stores the answer, whether it took effect or waits. */
export const answersTo = (deps: RouteDeps, answerWrites: AnswerWrites<typeof MadeView>) => ({
  made: (purchase: Purchase) => answerWrites(viewOf(deps)(purchase)),
  waiting: (approval: Approval) => answerWrites(toWaitingView(approval)),
})

export const madeView = (deps: RouteDeps, made: Purchase | WaitsForApproval) =>
  made instanceof WaitsForApproval ? toWaitingView(made.approval) : viewOf(deps)(made)

const ofTerms = ['supplier_not_found', 'supplier_inactive', 'item_not_found', 'warehouse_not_found', 'bill_too_large']

const createEndpoint = (deps: RouteDeps) => {
  const { Purchase: body } = termsIn(deps.approvalRules.currency)
  return endpoint({
    ...{ method: 'post', path: '/purchases', tag, access: writer, status: 201, idempotent: true, isOpen: isWaiting },
    summary: 'Record a purchase: its goods come into stock with it, or are ordered',
    ...{ query: z.object(dryRunQuery), body, view: MadeView },
    refusals: [...ofTerms, 'approval_not_found', 'approval_closed', 'stock_busy'],
    example: { body: purchaseBody, view: purchaseExample },
    handle: ({ query: { dry_run }, body: asked, user, answering }) => {
      if (dry_run) return rehearse(deps, toAsked(asked), askerOf(user))
      return answering(async (writes) =>
        madeView(deps, await createPurchase(deps, toAsked(asked), askerOf(user), answersTo(deps, writes))),
      )
    },
  })
}

const rehearse = async (deps: RouteDeps, asked: Asked, maker: Asker) => {
  const view = viewOf(deps)(await previewPurchase(deps, asked, maker))
  return rehearsed(DryPurchaseView, { ...view, bill_number: null })
}

type PurchaseBody = z.output<ReturnType<typeof termsIn>['Purchase']>

const toAsked = (body: PurchaseBody): Asked => ({
  supplierId: body.supplier_id,
  warehouseId: body.warehouse_id,
  lines: body.line_items.map(toLine),
  taxRateBps: body.tax_rate,
  dueOn: body.due_date,
  supplierReference: body.supplier_reference,
  notes: body.notes,
  as: body.draft ? 'draft' : body.receive ? 'received' : 'ordered',
  replaces: body.replaces,
})

const toLine = ({ item_id: itemId, quantity, unit_price: unitPriceMinor }: PurchaseBody['line_items'][number]) => ({
  ...{ itemId, quantity, unitPriceMinor },
})

const readEndpoints = (deps: RouteDeps) => [
  endpoint({
    ...{ method: 'get', path: '/purchases', summary: 'List purchases, newest first', tag, access: reader },
    reads: { data: 'personal', of: 'purchase', id: 'bill_number' },
    ...{ query: purchaseQuery, view: PurchaseView, list: true, example: { view: [purchaseExample] } },
    handle: async ({ query, user }) => {
      const {
        supplier_id: supplierId,
        item_id: itemId,
        payment_status: paymentStatus,
        status,
        unpaid,
        from,
        to,
      } = query
      const { userId, seesAll } = askerOf(user)
      const asked = {
        ...{ supplierId, itemId, status, paymentStatus, unpaid, period: instantsOf({ from, to }, deps.timeZone) },
        overdueOn: query.overdue ? todayOf(deps) : undefined,
        createdBy: seesAll ? undefined : userId,
      }
      return (await listPurchases(readsOn(deps.db), asked, { ...query, sort: query.ordering })).map(viewOf(deps))
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/purchases/:bill_number', summary: 'Read a purchase', tag, access: reader, params },
    reads: { data: 'personal', of: 'purchase' },
    ...{ view: PurchaseView, refusals: ['purchase_not_found'], example: { view: purchaseExample } },
    handle: async ({ params: { bill_number: number }, user }) =>
      viewOf(deps)(await getPurchase(readsOn(deps.db), number, askerOf(user))),
  }),
]

const changeEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ method: 'patch', path: '/purchases/:bill_number', tag, access: writer, params, isOpen: isWaiting },
    summary: 'Change a purchase; what was ordered only before anything came, and approved anew where it is large',
    body: termsIn(deps.approvalRules.currency).Changes,
    view: MadeView,
    refusals: [
      ...[...ofTerms, 'purchase_not_found', 'purchase_state', 'purchase_has_payments', 'version_conflict'],
      ...['approval_not_found', 'stock_busy'],
    ],
    example: { body: { due_date: '2027-01-21' }, view: { ...orderedExample, due_date: '2027-01-21', version: 2 } },
    handle: ({ params: { bill_number: number }, body, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const { line_items, ...terms } = toChanges(body)
        const asked = { ...terms, ...(line_items && { lines: line_items.map(toLine) }) }
        const step = { number, by: askerOf(user), ifMatch }
        return madeView(deps, await changePurchase(deps, step, asked, answersTo(deps, writes)))
      }),
  })

type ChangesBody = z.output<ReturnType<typeof termsIn>['Changes']>

const toChanges = ({ line_items, ...body }: ChangesBody) => ({
  line_items,
  ...(body.supplier_id !== undefined && { supplierId: body.supplier_id }),
  ...(body.warehouse_id !== undefined && { warehouseId: body.warehouse_id }),
  ...(body.tax_rate !== undefined && { taxRateBps: body.tax_rate }),
  ...(body.due_date !== undefined && { dueOn: body.due_date }),
  ...(body.supplier_reference !== undefined && { supplierReference: body.supplier_reference }),
  ...(body.notes !== undefined && { notes: body.notes }),
})
