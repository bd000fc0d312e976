import { bookEntryDueBy } from '@countinghouse/shared/contracts/books'
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
import type { BookLine } from './domain/books.js'
import type { Order, OrderLine, Refund } from './domain/order.js'
import type { GoodsBack } from './domain/returns.js'

const bookEntryDue = bookEntryDueBy('inventory-service')
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
  lines.length === 0
    ? []
    : [
        newEvent(bookEntryDue, order._id, {
          ...{ document: { kind: 'order', id: order._id }, step, currency: order.currency },
          lines: merged(lines).map(({ account, side, amountMinor }) => ({ account, side, amount_minor: amountMinor })),
          ...{ description: `Order ${order._id}: ${step}`, occurred_at: order.updatedAt.toISOString() },
        }),
      ]

/** One line for each account and side, however many lines the order has. */
const merged = (lines: readonly BookLine[]): BookLine[] => {
  const sums = new Map<string, BookLine>()
  for (const line of lines) {
    const key = `${line.account}:${line.side}`
    sums.set(key, { ...line, amountMinor: line.amountMinor + (sums.get(key)?.amountMinor ?? 0n) })
  }
  return [...sums.values()]
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
