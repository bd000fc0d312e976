import { refuse } from '../../errors.js'
import { bookDelivery, bookSale } from '../domain/books.js'
import type { By, Order, OrderStatus } from '../domain/order.js'
import { deliver, prepared, refuseStep, ship } from '../domain/steps.js'
import { entryDue, orderEvent } from '../events.js'
import { mailAbout } from '../mails.js'
import { cancelPending, cancelPrepared } from './cancel.js'
import { costsIn, spotOf, takeStep, withLatest, type Deps } from './deps.js'
import { endPayment, payBack } from './sweep.js'

/** An admin moves an order on; only the ways of the status machine are open. */
export const setStatus = async (deps: Deps, number: string, to: OrderStatus, actor: string): Promise<Order> => {
  const moved = await withLatest(deps, number, (order) => {
    if (order.status === to) return Promise.resolve(order)
    const by = { actor, at: deps.now() }
    switch (to) {
      case 'processing':
        return prepare(deps, order, by)
      case 'shipped':
        return sendOff(deps, order, by)
      case 'delivered':
        return handOver(deps, order, by)
      case 'cancelled':
        return order.status === 'processing' ? cancelPrepared(deps, order, by) : cancelPending(deps, order, 'admin', by)
      case 'pending':
        throw refuseStep(order, to)
    }
  })
  return undoPayment(deps, moved)
}

/** Customers call off what is still pending. */
export const cancelOwn = async (deps: Deps, number: string, actor: string): Promise<Order> => {
  const off = await withLatest(deps, number, (order) =>
    order.cancelReason === 'customer'
      ? Promise.resolve(order)
      : cancelPending(deps, order, 'customer', { actor, at: deps.now() }),
  )
  return undoPayment(deps, off)
}

/** At once where wallet-service answers; else the sweeper comes back to it. */
const undoPayment = async (deps: Deps, order: Order): Promise<Order> => {
  if (order.step === 'voiding') return endPayment(deps, order)
  if (order.refunds.some(({ status }) => status === 'due')) await payBack(deps, order)
  return order
}

/** The goods of an order on delivery leave the stock; others leave it when they are paid. */
const prepare = (deps: Deps, order: Order, by: By): Promise<Order> => {
  if (order.status !== 'pending') throw refuseStep(order, 'processing')
  if (order.method !== 'cash_on_delivery') throw refuse('order_not_paid', { order_number: order._id })
  return takeStep(deps, order, {
    ...{ step: 'prepared', actor: by.actor },
    lines: order.lines.map((line) => ({
      ...{ ...spotOf(line), kind: 'issue', type: 'issue', quantity: line.quantity, fromReserved: true },
    })),
    after: (posted) => prepared(order, costsIn(posted, order), by),
    events: (after) => [
      orderEvent('prepared', after),
      ...entryDue(after, 'prepared', bookSale(after, deps.rules.commission)),
    ],
  })
}

const sendOff = (deps: Deps, order: Order, by: By): Promise<Order> =>
  takeStep(deps, order, {
    ...{ step: 'shipped', actor: by.actor, after: () => ship(order, by) },
    companions: (after) => mailAbout('shipped', after),
    events: (after) => [orderEvent('shipped', after)],
  })

const handOver = (deps: Deps, order: Order, by: By): Promise<Order> =>
  takeStep(deps, order, {
    ...{ step: 'delivered', actor: by.actor, after: () => deliver(order, by) },
    events: (after) => {
      const isPaidNow = order.paidAt === null && after.paidAt !== null
      return [
        orderEvent('delivered', after),
        ...(isPaidNow ? [orderEvent('paid', after), ...entryDue(after, 'delivered', bookDelivery(after))] : []),
      ]
    },
  })
