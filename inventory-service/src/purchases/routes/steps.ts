import { endpoint } from '@countinghouse/shared/http/endpoint'
import { z } from 'zod'
import { isWaiting } from '../../approvals/view.js'
import { cancelPurchase, closePurchase, deletePurchase, orderPurchase } from '../commands/change.js'
import { askerOf } from '../../asking.js'
import { addCost } from '../commands/cost.js'
import { receivePurchase } from '../commands/receive.js'
import { returnGoods } from '../commands/sendBack.js'
import { PurchaseView } from '../view.js'
import { params, tag, viewOf, writer, type RouteDeps } from './asking.js'
import { Receipt, Return, moneyIn } from './bodies.js'
import { cancelledExample, costExample, orderedExample, purchaseExample } from './examples.js'
import { MadeView, answersTo, madeView } from './purchases.js'

const refusals = ['purchase_not_found', 'purchase_state', 'version_conflict', 'stock_busy']
const step = { method: 'post', tag, access: writer, params, idempotent: true, view: PurchaseView } as const

export const stepEndpoints = (deps: RouteDeps) => [
  receiveEndpoint(deps),
  returnEndpoint(deps),
  costEndpoint(deps),
  orderEndpoint(deps),
  ...endEndpoints(deps),
]

const receiveEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...step, path: '/purchases/:bill_number/receive', body: Receipt },
    summary: 'Take in what has come of an order, all of it or some',
    refusals: [...refusals, 'exceeds_order'],
    example: { body: { line_items: [{ item_id: 'preform-500ml', quantity: 1000 }] }, view: purchaseExample },
    handle: ({ params: { bill_number: number }, body: { line_items }, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const asked = line_items?.map(toGoods)
        const done = await receivePurchase(deps, { number, by: askerOf(user), ifMatch }, asked, (purchase) =>
          writes(viewOf(deps)(purchase)),
        )
        return viewOf(deps)(done)
      }),
  })

const returnEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...step, path: '/purchases/:bill_number/returns', body: Return },
    summary: 'Send goods back to the supplier: they leave the stock at what they came in for',
    refusals: [...refusals, 'exceeds_receipt', 'insufficient_stock'],
    example: {
      body: { line_items: [{ item_id: 'preform-500ml', quantity: 100 }], reason: 'Cracked necks' },
      view: { ...purchaseExample, version: 3 },
    },
    handle: ({ params: { bill_number: number }, body: { line_items, reason }, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const asked = { goods: line_items.map(toGoods), reason }
        const done = await returnGoods(deps, { number, by: askerOf(user), ifMatch }, asked, (purchase) =>
          writes(viewOf(deps)(purchase)),
        )
        return viewOf(deps)(done)
      }),
  })

const costEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...step, path: '/purchases/:bill_number/costs', view: MadeView, isOpen: isWaiting },
    summary: 'Add a cost that became known when the goods were here; a large one waits for approval',
    body: moneyIn(deps.approvalRules.currency).Cost,
    refusals: [...refusals, 'nothing_kept', 'bill_below_zero', 'approval_not_found'],
    example: { body: { kind: 'bill_difference', amount: 100, reason: 'The resin price rose' }, view: costExample },
    handle: ({ params: { bill_number: number }, body: { amount, less, ...body }, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const asked = { ...body, amountMinor: less ? -amount : amount }
        const made = await addCost(deps, { number, by: askerOf(user), ifMatch }, asked, answersTo(deps, writes))
        return madeView(deps, made)
      }),
  })

const toGoods = ({ item_id: itemId, quantity }: { item_id: string; quantity: number }) => ({ itemId, quantity })

const orderEndpoint = (deps: RouteDeps) =>
  endpoint({
    ...{ ...step, path: '/purchases/:bill_number/order', view: MadeView, isOpen: isWaiting },
    summary: 'Order what is a draft; a large one waits for approval',
    refusals: [...refusals, 'item_not_found', 'warehouse_not_found', 'approval_not_found'],
    example: { view: orderedExample },
    handle: ({ params: { bill_number: number }, user, ifMatch, answering }) =>
      answering(async (writes) => {
        const asked = { number, by: askerOf(user), ifMatch }
        return madeView(deps, await orderPurchase(deps, asked, answersTo(deps, writes)))
      }),
  })

const ENDS = {
  cancel: [cancelPurchase, 'Call a purchase off before anything has come; its number stays', cancelledExample],
  close: [closePurchase, 'Wait no longer for what has not come of an order', { ...purchaseExample, status: 'closed' }],
} as const

const endEndpoints = (deps: RouteDeps) => [
  ...(['cancel', 'close'] as const).map((name) => {
    const [end, summary, view] = ENDS[name]
    return endpoint({
      ...{ ...step, path: `/purchases/:bill_number/${name}`, summary, refusals, example: { view } },
      handle: ({ params: { bill_number: number }, user, ifMatch, answering }) =>
        answering(async (writes) => {
          const asked = { number, by: askerOf(user), ifMatch }
          return viewOf(deps)(await end(deps, asked, (purchase) => writes(viewOf(deps)(purchase))))
        }),
    })
  }),
  endpoint({
    ...{ method: 'delete', path: '/purchases/:bill_number', tag, access: writer, status: 204, params, view: z.void() },
    summary: 'Call a purchase off before anything has come, and take it from sight; its number stays used',
    refusals: [...refusals, 'purchase_has_payments'],
    handle: async ({ params: { bill_number: number }, user, ifMatch }) => {
      await deletePurchase(deps, { number, by: askerOf(user), ifMatch }, () => [])
    },
  }),
]
