import type { HouseAccount } from '@countinghouse/shared/contracts/books'
import {
  orderCancelled,
  orderDelivered,
  orderPaid,
  orderPlaced,
  orderPrepared,
  orderRefunded,
  orderReturned,
  orderShipped,
} from '@countinghouse/shared/contracts/shop'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { toBookEntries, type Sides } from '../bookEntries.js'
import type { BookLine } from './domain/books.js'
import type { Order, OrderLine, Refund } from './domain/order.js'
import type { GoodsBack } from './domain/returns.js'

const PLAIN = {
  placed: orderPlaced,
  paid: orderPaid,
  prepared: orderPrepared,
  shipped: orderShipped,
  delivered: orderDelivered,
}

/** One step of an order, as others get to know it. */
export const orderEvent = (step: keyof typeof PLAIN, order: Order): Envelope =>
  newEvent(PLAIN[step], order._id, factsOf(order))

export const cancelledEvent = (order: Order, takenBack: boolean): Envelope =>
  newEvent(orderCancelled, order._id, {
    ...factsOf(order),
    ...{ reason: order.cancelReason ?? 'admin', taken_back: takenBack },
  })

export const returnedEvent = (
  order: Order,
  returnId: string,
  goods: readonly GoodsBack[],
  refundMinor: bigint,
): Envelope =>
  newEvent(orderReturned, order._id, {
    ...{ ...factsOf(order), return_id: returnId, refund_minor: refundMinor },
    goods: goods.map(({ line, quantity, netMinor, taxMinor, costMinor }) => ({
      ...{ product: line.product, item_id: line.itemId, vendor_id: line.vendorId, seller: line.seller, quantity },
      ...{ net_minor: netMinor, tax_minor: taxMinor, cost_minor: costMinor },
    })),
  })

export const refundedEvent = (order: Order, { id, amountMinor, reason }: Refund): Envelope =>
  newEvent(orderRefunded, order._id, { ...factsOf(order), refund_id: id, refund_minor: amountMinor, reason })

/** The entry that a step owes the books; none where no money is in it. */
export const entryDue = (order: Order, step: string, lines: readonly BookLine[]): Envelope[] =>
  toBookEntries({
    ...{ document: { kind: 'order', id: order._id }, step, currency: order.currency, sides: sidesOf(lines) },
    ...{ description: `Order ${order._id}: ${step}`, at: order.updatedAt },
  })

/** One side for each account, however many lines the order has. */
const sidesOf = (lines: readonly BookLine[]): Sides => {
  const sides: Partial<Record<HouseAccount, bigint>> = {}
  for (const { account, side, amountMinor } of lines)
    sides[account] = (sides[account] ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor)
  return sides
}

const factsOf = (order: Order) => ({
  ...{ order_number: order._id, user_id: order.userId, username: order.username, status: order.status },
  ...{ payment_method: order.method, payment_status: order.paymentStatus, lines: order.lines.map(toLine) },
  ...{ subtotal_minor: order.subtotalMinor, discount_minor: order.discountMinor, tax_minor: order.taxMinor },
  ...{ shipping_minor: order.shippingMinor, total_minor: order.totalMinor, currency: order.currency },
  ...{ coupon: order.couponCode, placed_at: order.placedAt.toISOString(), occurred_at: order.updatedAt.toISOString() },
})

const toLine = (line: OrderLine) => ({
  ...{ product: line.product, name: line.name, item_id: line.itemId, vendor_id: line.vendorId, seller: line.seller },
  ...{ quantity: line.quantity, unit_price_minor: line.unitPriceMinor, discount_minor: line.discountMinor },
  ...{ tax_minor: line.taxMinor, total_minor: line.totalMinor, cost_minor: line.costMinor },
})
