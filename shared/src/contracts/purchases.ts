import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'
import { BillGoods, BillLine, billPayment, billState } from './bills.js'

/** A purchase as its step left it: what its bill comes to in the end, and what is owed so far, for what came and stayed. */
const state = {
  ...billState,
  supplier_id: z.string(),
  supplier_name: z.string(),
  owed_minor: MinorUnits,
  status: z.enum(['draft', 'ordered', 'partly_received', 'received', 'closed', 'cancelled']),
}

const purchaseEvent = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  defineEvent(name, 1, 'inventory-service', z.object({ ...state, ...shape }))

const order = { warehouse_id: z.string(), lines: z.array(BillLine) }

/** Goods are wanted, and nobody has ordered them. */
export const purchaseDrafted = purchaseEvent('purchase.drafted', order)
export const purchaseOrdered = purchaseEvent('purchase.ordered', order)

/** What was agreed with the supplier is now this. */
export const purchaseChanged = purchaseEvent('purchase.changed', order)

/** Goods came in at these prices: all that was ordered, or some. */
export const purchaseReceived = purchaseEvent('purchase.received', { received: z.array(BillGoods) })

/** Goods went back. The supplier credits their price; what they were worth in stock may have been another amount. */
export const purchaseGoodsReturned = purchaseEvent('purchase.goods-returned', {
  returned: z.array(BillGoods),
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

export const purchasePaid = purchaseEvent('purchase.paid', billPayment)

/** An attempt to pay has failed; as much is owed as before. */
export const purchasePaymentFailed = purchaseEvent('purchase.payment-failed', { ...billPayment, reason: z.string() })

/** The supplier paid something back. */
export const purchaseRefunded = purchaseEvent('purchase.refunded', { ...billPayment, reason: z.string() })

/** What has not come of it is not waited for any more. */
export const purchaseClosed = purchaseEvent('purchase.closed', {})

/** It was called off before anything came. */
export const purchaseCancelled = purchaseEvent('purchase.cancelled', {})

/** It was called off, and nobody sees it any more. */
export const purchaseDeleted = purchaseEvent('purchase.deleted', {})
