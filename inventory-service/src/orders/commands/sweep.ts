import { faultPoint } from '@countinghouse/shared/fault'
import { counter } from '@countinghouse/shared/metrics'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Order, Refund } from '../domain/order.js'
import { askAgain, lookAgain, refundTold, settleRefund, voided } from '../domain/steps.js'
import { refundedEvent } from '../events.js'
import { findOrder } from '../store.js'
import { cancelUnpaid } from './cancel.js'
import { openPayment, save, saveUnlessChanged } from './checkOut.js'
import { MYSELF, takeStep, withLatest, type Deps } from './deps.js'
import { settlePaid } from './settle.js'

const failed = counter('shop_refunds_failed_total', 'Refunds of orders that wallet-service says can not be made')

/** Moves an order on whose time has come: each step has its own way on, and its own way back. */
export const moveOn = async (deps: Deps, { _id }: Pick<Order, '_id'>): Promise<void> => {
  const order = await findOrder(readsOn(deps.db), _id)
  if (!order?.dueAt || order.dueAt > deps.now()) return
  switch (order.step) {
    case 'reserved':
      // For as long as it may be paid, the payment is asked for again; after that it is called off.
      if (order.payBy && order.payBy > deps.now()) await openPayment(deps, order)
      else await endPayment(deps, order)
      return
    case 'paying':
    case 'voiding':
      await endPayment(deps, order)
      return
    case 'settled':
      await payBack(deps, order)
  }
}

/** Sees to it that a payment never happens; one that has happened is honoured, or paid back. */
export const endPayment = async (deps: Deps, order: Order): Promise<Order> => {
  const outcome = await deps.payments.cancel(order)
  faultPoint('order:payment-ended')
  if (outcome.kind === 'unclear') return unheard(deps, order, outcome.error)
  if (outcome.kind === 'refused') return later(deps, order, outcome.refusal)
  switch (outcome.status) {
    case 'canceled':
      return notPaid(deps, order._id)
    case 'succeeded':
      return settlePaid(deps, order._id, { paymentId: outcome.id, amountMinor: order.totalMinor })
    default:
      return later(deps, order, `its payment is ${outcome.status}`)
  }
}

/** The payment will never happen: an order that waits for it is off. */
export const notPaid = (deps: Deps, number: string): Promise<Order> =>
  withLatest(deps, number, async (order) => {
    const by = { actor: MYSELF, at: deps.now(), note: 'not paid in time' }
    if (order.status === 'pending' && order.step !== 'settled') return cancelUnpaid(deps, order, by)
    if (order.step === 'voiding') return save(deps, order, voided(order, by.at))
    return order
  })

const later = (deps: Deps, order: Order, reason: unknown): Promise<Order> => {
  deps.log.warn({ reason, order: order._id }, 'An order waits for word of its payment')
  return saveUnlessChanged(deps, order, lookAgain(order, deps.rules.answerWithinMs, deps.now()))
}

const unheard = (deps: Deps, order: Order, error: unknown): Promise<Order> => {
  deps.log.warn({ err: error, order: order._id }, 'Nobody answers for the payment of an order')
  return saveUnlessChanged(deps, order, askAgain(order, deps.rules.answerWithinMs, deps.now()))
}

/** Asks for the refunds that are due; asked again, wallet-service makes no second one. */
export const payBack = async (deps: Deps, order: Order): Promise<void> => {
  const due = order.refunds.find(({ status }) => status === 'due')
  if (!due) {
    await saveUnlessChanged(deps, order, voided(order, deps.now()))
    return
  }
  const outcome = await deps.payments.refund(order, due)
  faultPoint('order:refund-asked')
  if (outcome.kind === 'unclear') await unheard(deps, order, outcome.error)
  else if (outcome.kind === 'refused') await noteRefund(deps, order._id, due, { status: 'failed', refundId: '' })
  else if (outcome.kind === 'done') await noteRefund(deps, order._id, due, { status: 'done', refundId: outcome.id })
  else if (outcome.status === 'failed' || outcome.status === 'canceled')
    await noteRefund(deps, order._id, due, { status: 'failed', refundId: outcome.id })
  else await later(deps, order, `its refund is ${outcome.status}`)
}

type Told = { status: 'done' | 'failed'; refundId: string }

const noteRefund = (deps: Deps, number: string, { id }: Pick<Refund, 'id'>, { status, refundId }: Told) =>
  withLatest(deps, number, async (order) => {
    const refund = order.refunds.find((one) => one.id === id)
    if (refund?.status !== 'due') return order
    if (status === 'failed') {
      failed.inc()
      deps.log.error({ order: number, refund: id }, 'Money that has to go back to a buyer can not')
    }
    return takeStep(deps, order, {
      ...{ step: `refund:${id}`, actor: MYSELF },
      after: () => settleRefund(order, id, status, refundId, deps.now()),
      events: (after) => (status === 'done' ? [refundedEvent(after, refund)] : []),
    })
  })

export type ToldRefund = { orderNumber: string; refundId: string; amountMinor: bigint; status: 'done' | 'failed' }

/** wallet-service tells what became of a refund: also when nobody heard its answer. */
export const settleToldRefund = async (
  deps: Deps,
  { orderNumber, refundId, amountMinor, status }: ToldRefund,
): Promise<void> => {
  const order = await findOrder(readsOn(deps.db), orderNumber)
  const refund = order && refundTold(order, refundId, amountMinor)
  if (refund) await noteRefund(deps, orderNumber, refund, { status, refundId })
}
