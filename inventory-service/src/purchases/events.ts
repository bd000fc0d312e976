import * as contracts from '@countinghouse/shared/contracts/purchases'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { toBookEntries, type Sides } from '../bookEntries.js'
import type { CostChange } from './domain/costing.js'
import type { Payment } from './domain/paying.js'
import { amountsOf } from './domain/pricing.js'
import { owedOf, type Purchase } from './domain/purchase.js'
import type { PricedPart } from './domain/receiving.js'

const stateOf = (purchase: Purchase) => ({
  bill_number: purchase._id,
  supplier_id: purchase.supplierId,
  supplier_name: purchase.supplierName,
  created_by: purchase.createdBy,
  currency: purchase.currency,
  total_minor: purchase.totalMinor,
  owed_minor: owedOf(purchase),
  paid_minor: purchase.paidMinor,
  status: purchase.status,
  payment_status: purchase.paymentStatus,
  day: purchase.day,
  due_on: purchase.dueOn,
  version: purchase.version,
  occurred_at: purchase.updatedAt.toISOString(),
})

const orderOf = (purchase: Purchase) => ({
  ...stateOf(purchase),
  warehouse_id: purchase.warehouseId,
  lines: purchase.lines.map((line) => {
    const { netMinor, taxMinor } = amountsOf(purchase, line, line.quantity)
    const { itemId, itemName, quantity, unitPriceMinor } = line
    const named = { item_id: itemId, item_name: itemName, quantity, unit_price_minor: unitPriceMinor }
    return { ...named, total_minor: netMinor, tax_minor: taxMinor }
  }),
})

export const drafted = (purchase: Purchase): Envelope =>
  newEvent(contracts.purchaseDrafted, purchase._id, orderOf(purchase))
export const ordered = (purchase: Purchase): Envelope =>
  newEvent(contracts.purchaseOrdered, purchase._id, orderOf(purchase))
export const changed = (purchase: Purchase): Envelope =>
  newEvent(contracts.purchaseChanged, purchase._id, orderOf(purchase))

const goodsOf = ({ lines }: Purchase, goods: readonly PricedPart[]) =>
  goods.map(({ line, quantity, netMinor, taxMinor }) => {
    const item_id = lines[line - 1]?.itemId ?? ''
    return { item_id, quantity, net_minor: netMinor, tax_minor: taxMinor }
  })

export const received = (purchase: Purchase, goods: readonly PricedPart[]): Envelope =>
  newEvent(contracts.purchaseReceived, purchase._id, { ...stateOf(purchase), received: goodsOf(purchase, goods) })

type ReturnedGoods = { goods: readonly PricedPart[]; costMinor: bigint; reason: string }
export const goodsReturned = (purchase: Purchase, { goods, costMinor, reason }: ReturnedGoods): Envelope =>
  newEvent(contracts.purchaseGoodsReturned, purchase._id, {
    ...stateOf(purchase),
    ...{ returned: goodsOf(purchase, goods), cost_minor: costMinor, reason },
  })

export const costChanged = (purchase: Purchase, change: CostChange): Envelope => {
  const { kind, amountMinor: amount_minor, toStockMinor: to_stock_minor, reason } = change
  const data = { ...stateOf(purchase), kind, amount_minor, to_stock_minor, reason }
  return newEvent(contracts.purchaseCostChanged, purchase._id, data)
}

export const paid = (purchase: Purchase, payment: Payment): Envelope => {
  const { _id: payment_id, amountMinor: amount_minor, method, reference, reason, kind, outcome } = payment
  const data = { ...stateOf(purchase), payment_id, amount_minor, method, reference }
  if (kind === 'refund') return newEvent(contracts.purchaseRefunded, purchase._id, { ...data, reason: reason ?? '' })
  if (outcome === 'succeeded') return newEvent(contracts.purchasePaid, purchase._id, data)
  return newEvent(contracts.purchasePaymentFailed, purchase._id, { ...data, reason: reason ?? '' })
}

const endings = {
  closed: contracts.purchaseClosed,
  cancelled: contracts.purchaseCancelled,
  deleted: contracts.purchaseDeleted,
}
export type Ending = keyof typeof endings
export const ended = (purchase: Purchase, how: Ending): Envelope =>
  newEvent(endings[how], purchase._id, stateOf(purchase))

export type PurchaseStep = { step: string; sides: Sides; description: string }

/** What the books are told of a step. */
export const bookEntries = ({ _id, currency, updatedAt: at }: Purchase, step: PurchaseStep): Envelope[] =>
  toBookEntries({ document: { kind: 'purchase', id: _id }, currency, at, ...step })
