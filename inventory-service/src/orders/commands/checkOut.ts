import { faultPoint } from '@countinghouse/shared/fault'
import type { Claim } from '@countinghouse/shared/idempotency'
import { commitCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Refusal } from '@countinghouse/shared/refusal'
import { refuse } from '../../errors.js'
import type { Order } from '../domain/order.js'
import { askAgain, payingFor } from '../domain/steps.js'
import { OrderChanged, orderUpdate } from '../store.js'
import type { Outcome } from '../../walletPayments.js'
import { cancelRefused } from './cancel.js'
import { MYSELF, withLatest, type Deps } from './deps.js'
import { placeOnce, type AskedOrder, type Buyer } from './place.js'
import { settlePaid } from './settle.js'

export type Checking = { buyer: Buyer; claim: Claim | undefined; answer: (order: Order) => CompanionWrite[] }

/**
 * Check-out: the goods are reserved, the payment is opened, and what it comes to is noted; each a commit of its own. A
 * process that dies in between leaves an order that says how far it came: the same request goes on from there, and so
 * does the sweeper.
 */
export const checkOut = async (deps: Deps, asked: AskedOrder, { buyer, claim, answer }: Checking): Promise<Order> => {
  const placed = await placeOnce(deps, asked, buyer, claim)
  const order = placed.step === 'reserved' ? await openPayment(deps, placed) : placed
  if (order.failure && order.cancelReason === 'payment_refused') throw refusalOf(order)
  await commitCompanions(deps.db, answer(order))
  return order
}

const refusalOf = ({ _id: order_number, failure }: Order): Refusal =>
  failure?.code === 'insufficient_funds'
    ? refuse('insufficient_funds', { order_number })
    : refuse('payment_refused', { order_number, reason: failure?.message ?? '' })

/** Opens the payment of an order whose goods are reserved, or notes that nobody knows yet whether it is open. */
export const openPayment = async (deps: Deps, known: Order): Promise<Order> => {
  const number = known._id
  let outcome: Outcome | undefined
  const noted = await withLatest(deps, known, async (order) => {
    if (order.step !== 'reserved') return order
    // Nothing to pay is paid.
    outcome ??=
      order.totalMinor === 0n
        ? { kind: 'done', id: `free:${number}`, status: 'succeeded', clientSecret: null }
        : await deps.payments.open(order)
    faultPoint('order:payment-opened')
    return note(deps, order, outcome)
  })
  if (outcome?.kind !== 'done') return noted
  return settlePaid(deps, noted, { paymentId: outcome.id, amountMinor: noted.totalMinor })
}

const note = async (deps: Deps, order: Order, outcome: Outcome): Promise<Order> => {
  const at = deps.now()
  switch (outcome.kind) {
    case 'done':
      // Paid already: what is noted with that is all there is to note.
      return order
    case 'open':
      return save(deps, order, payingFor(order, outcome, at))
    case 'refused': {
      const { code, status, message } = outcome.refusal
      return cancelRefused(deps, order, { code, status, message }, { actor: MYSELF, at, note: message })
    }
    case 'unclear':
      deps.log.warn({ err: outcome.error, order: order._id }, 'Nobody knows whether the payment of an order is open')
      return save(deps, order, askAgain(order, deps.rules.answerWithinMs, at))
  }
}

export const save = async (
  { db }: Pick<Deps, 'db'>,
  before: Order,
  after: Order,
  companions: readonly CompanionWrite[] = [],
): Promise<Order> => {
  await commitCompanions(db, [orderUpdate(before, after), ...companions])
  return after
}

/** Notes a step unless somebody was faster. */
export const saveUnlessChanged = (deps: Pick<Deps, 'db'>, before: Order, after: Order): Promise<Order> =>
  save(deps, before, after).catch((error: unknown) => {
    if (error instanceof OrderChanged) return before
    throw error
  })
