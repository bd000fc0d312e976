import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'
import { BillGoods, BillLine, billPayment, billState } from './bills.js'

/** Less the discount and with the tax it is what the customer pays for it; the cost is what the goods cost us. */
const Line = BillLine.extend({ discount_minor: MinorUnits, cost_minor: MinorUnits })

const Returned = BillGoods.extend({ cost_minor: MinorUnits })

/** A sale as its step left it; what is due is the total less what was credited, paid and kept. */
const state = {
  ...billState,
  customer_id: z.string(),
  customer_name: z.string(),
  credited_minor: MinorUnits,
  refunded_minor: MinorUnits,
  due_minor: MinorUnits,
  status: z.enum(['confirmed', 'shipped', 'paid', 'cancelled']),
}

const saleEvent = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  defineEvent(name, 1, 'inventory-service', z.object({ ...state, ...shape }))

/** A bill was made, and its goods are out of stock. */
export const saleConfirmed = saleEvent('sale.confirmed', {
  warehouse_id: z.string(),
  lines: z.array(Line),
  subtotal_minor: MinorUnits,
  discount_minor: MinorUnits,
  tax_minor: MinorUnits,
  cost_minor: MinorUnits,
})

/** Its due date, its notes or what is owed on it are others: a refund may have failed. */
export const saleEdited = saleEvent('sale.edited', {})
export const saleShipped = saleEvent('sale.shipped', {})

/** It is taken back before the goods left; `returned` is what went back into stock. */
export const saleCancelled = saleEvent('sale.cancelled', { returned: z.array(Returned) })

/** Nobody sees it any more. */
export const saleDeleted = saleEvent('sale.deleted', {})

/** Goods came back; those that are not restocked are lost. */
export const saleGoodsReturned = saleEvent('sale.goods-returned', {
  return_id: z.string(),
  returned: z.array(Returned),
  restocked: z.boolean(),
  reason: z.string(),
})

export const salePaymentReceived = saleEvent('sale.payment-received', billPayment)

/** An attempt to pay has failed; the sale is owed as before. */
export const salePaymentFailed = saleEvent('sale.payment-failed', { ...billPayment, reason: z.string() })

export const saleRefunded = saleEvent('sale.refunded', {
  refund_id: z.string(),
  amount_minor: MinorUnits,
  method: billPayment.method,
  reason: z.string(),
})
