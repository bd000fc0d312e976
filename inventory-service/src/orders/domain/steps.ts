import { refuse } from '../../errors.js'
import {
  moved,
  stepped,
  type By,
  type CancelReason,
  type Order,
  type OrderStatus,
  type PaymentRefusal,
  type Refund,
} from './order.js'

/** The payment is open: the buyer has until `payBy`. */
export const payingFor = (order: Order, payment: { id: string; clientSecret: string | null }, at: Date): Order =>
  stepped(
    order,
    { step: 'paying', paymentId: payment.id, clientSecret: payment.clientSecret, dueAt: order.payBy, tries: 0 },
    at,
  )

/** Nobody answered: it is asked again after the same gap each time, so that little waits once somebody does. */
export const askAgain = (order: Order, gapMs: number, at: Date): Order =>
  stepped(order, { tries: order.tries + 1, dueAt: new Date(at.getTime() + gapMs) }, at)

/** It is under way, and will be told of: it is looked at again, ever more rarely. */
export const lookAgain = (order: Order, gapMs: number, at: Date): Order =>
  askAgain(order, gapMs * 2 ** Math.min(order.tries, 8), at)

/** The money is there, and the goods have left at this cost. */
export const paid = (order: Order, costs: readonly bigint[], by: By): Order =>
  moved(order, 'processing', by, {
    ...{ paymentStatus: 'paid', paidAt: by.at, step: 'settled', dueAt: null, failure: null },
    lines: withCosts(order, costs),
  })

const withCosts = ({ lines }: Order, costs: readonly bigint[]) =>
  lines.map((line, index) => ({ ...line, costMinor: costs[index] ?? 0n }))

/** An order on delivery goes out before it is paid. */
export const prepared = (order: Order, costs: readonly bigint[], by: By): Order =>
  moved(order, 'processing', by, { lines: withCosts(order, costs) })

/** The order is off before its goods have left; a payment that may be open is undone. */
export const callOff = (order: Order, reason: CancelReason, by: By): Order => {
  if (order.status !== 'pending') throw refuseStep(order, 'cancelled')
  const mayBePaid = order.step === 'reserved' || order.step === 'paying'
  return moved(order, 'cancelled', by, {
    cancelReason: reason,
    ...(mayBePaid ? { step: 'voiding' as const, dueAt: by.at, tries: 0 } : { step: 'settled' as const, dueAt: null }),
  })
}

/** The payment will never happen. */
export const voided = (order: Order, at: Date): Order => stepped(order, { step: 'settled', dueAt: null, tries: 0 }, at)

/** The buyer cannot pay like that, so the order is off. */
export const payRefused = (order: Order, failure: PaymentRefusal, by: By): Order => ({
  ...callOff(order, 'payment_refused', by),
  ...{ step: 'settled', dueAt: null, paymentStatus: 'failed', failure },
})

/** Money came for an order that is off, or whose goods are gone: all of it goes back. */
export const paidInVain = (order: Order, by: By): Order => {
  const off = order.status === 'cancelled' ? order : callOff(order, 'no_stock', by)
  const refund = newRefund(order, order.totalMinor, 'The order was cancelled', by.at)
  return {
    ...off,
    ...{ step: 'settled', dueAt: by.at, tries: 0, paymentStatus: 'paid', paidAt: by.at },
    ...{ refunds: [...off.refunds, refund], version: order.version + 1, updatedAt: by.at },
  }
}

/** The order is off after its goods have left the stock, but not the house. */
export const takeBack = (order: Order, by: By): Order => {
  if (order.status !== 'processing') throw refuseStep(order, 'cancelled')
  const wasPaid = order.paymentStatus === 'paid' && order.totalMinor > 0n
  return moved(order, 'cancelled', by, {
    cancelReason: 'admin',
    ...(wasPaid && {
      refunds: [...order.refunds, newRefund(order, order.totalMinor, 'The order was cancelled', by.at)],
      dueAt: by.at,
    }),
  })
}

export const ship = (order: Order, by: By): Order => {
  if (order.status !== 'processing') throw refuseStep(order, 'shipped')
  return moved(order, 'shipped', by, { shippedAt: by.at })
}

/** Delivered, and with that paid where it is paid on delivery. */
export const deliver = (order: Order, by: By): Order => {
  if (order.status !== 'shipped') throw refuseStep(order, 'delivered')
  const isPaidNow = order.method === 'cash_on_delivery' && order.paymentStatus === 'pending'
  const payment = isPaidNow ? { paymentStatus: 'paid' as const, paidAt: by.at } : {}
  return moved(order, 'delivered', by, { deliveredAt: by.at, ...payment })
}

export const refuseStep = ({ _id, status }: Order, to: OrderStatus) =>
  refuse('order_step_refused', { order_number: _id, order_status: status, to })

/** What goes back next; its id stays the same however often it is asked for. */
export const newRefund = (order: Order, amountMinor: bigint, reason: string, at: Date): Refund => ({
  ...{
    id: `${order._id}-R${(order.refunds.length + 1).toString()}`,
    amountMinor,
    reason,
    status: 'due',
    refundId: null,
    at,
  },
})

/** The refund that wallet-service tells of, also when nobody heard that it had begun. */
export const refundTold = ({ refunds }: Order, refundId: string, amountMinor: bigint): Refund | undefined =>
  refunds.find((refund) => refund.refundId === refundId) ??
  refunds.find((refund) => refund.refundId === null && refund.status === 'due' && refund.amountMinor === amountMinor)

/** The money went back, or cannot. */
export const settleRefund = (order: Order, id: string, status: Refund['status'], refundId: string, at: Date): Order => {
  const refunds = order.refunds.map((refund) => (refund.id === id ? { ...refund, status, refundId } : refund))
  const backMinor = refunds.reduce((sum, refund) => (refund.status === 'done' ? sum + refund.amountMinor : sum), 0n)
  const paymentStatus =
    backMinor === 0n ? order.paymentStatus : backMinor >= order.totalMinor ? 'refunded' : 'partially_refunded'
  const isOpen = refunds.some((refund) => refund.status === 'due')
  return stepped(order, { refunds, paymentStatus, dueAt: isOpen ? order.dueAt : null, tries: 0 }, at)
}
