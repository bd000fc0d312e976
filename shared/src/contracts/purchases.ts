import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

const Line = z.object({
  item_id: z.string(),
  item_name: z.string(),
  quantity: z.number().int(),
  unit_price_minor: MinorUnits,
  /** Quantity times unit price, without tax. */
  total_minor: MinorUnits,
  tax_minor: MinorUnits,
})

/** Goods on their way in, or back; without tax it is what they are priced at. */
const Goods = z.object({
  item_id: z.string(),
  quantity: z.number().int(),
  net_minor: MinorUnits,
  tax_minor: MinorUnits,
})

/** A purchase as its step left it. */
const state = {
  bill_number: z.string(),
  supplier_id: z.string(),
  supplier_name: z.string(),
  /** Who made the purchase. */
  created_by: z.string(),
  currency: z.string(),
  /** What the bill comes to in the end; what is owed so far, for goods that came and stayed; and what of it is paid. */
  total_minor: MinorUnits,
  owed_minor: MinorUnits,
  paid_minor: MinorUnits,
  status: z.enum(['draft', 'ordered', 'partly_received', 'received', 'closed', 'cancelled']),
  payment_status: z.enum(['pending', 'partial', 'paid', 'failed']),
  /** The business day of the purchase, and the one on which it falls due. */
  day: z.iso.date(),
  due_on: z.iso.date(),
  version: z.number().int(),
  occurred_at: z.iso.datetime(),
}

const purchaseEvent = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  defineEvent(name, 1, 'inventory-service', z.object({ ...state, ...shape }))

const order = { warehouse_id: z.string(), lines: z.array(Line) }

/** Goods are wanted, and nobody has ordered them. */
export const purchaseDrafted = purchaseEvent('purchase.drafted', order)
export const purchaseOrdered = purchaseEvent('purchase.ordered', order)

/** What was agreed with the supplier is now this. */
export const purchaseChanged = purchaseEvent('purchase.changed', order)

/** Goods came in at these prices: all that was ordered, or some. */
export const purchaseReceived = purchaseEvent('purchase.received', { received: z.array(Goods) })

/** Goods went back. The supplier credits their price; what they were worth in stock may have been another amount. */
export const purchaseGoodsReturned = purchaseEvent('purchase.goods-returned', {
  returned: z.array(Goods),
  cost_minor: MinorUnits,
  reason: z.string(),
})

/** The bill came to more than the order, or to less, or the goods cost something besides. */
export const purchaseCostChanged = purchaseEvent('purchase.cost-changed', {
  kind: z.enum(['bill_difference', 'landed_cost']),
  amount_minor: MinorUnits,
  /** What of it the goods bear that are still in stock; the rest is a variance. */
  to_stock_minor: MinorUnits,
  reason: z.string(),
})

const payment = {
  payment_id: z.string(),
  amount_minor: MinorUnits,
  method: z.enum(['cash', 'bank', 'card']),
  reference: z.string().nullable(),
}

export const purchasePaid = purchaseEvent('purchase.paid', payment)

/** An attempt to pay has failed; as much is owed as before. */
export const purchasePaymentFailed = purchaseEvent('purchase.payment-failed', { ...payment, reason: z.string() })

/** The supplier paid something back. */
export const purchaseRefunded = purchaseEvent('purchase.refunded', { ...payment, reason: z.string() })

/** What has not come of it is not waited for any more. */
export const purchaseClosed = purchaseEvent('purchase.closed', {})

/** It was called off before anything came. */
export const purchaseCancelled = purchaseEvent('purchase.cancelled', {})

/** It was called off, and nobody sees it any more. */
export const purchaseDeleted = purchaseEvent('purchase.deleted', {})
