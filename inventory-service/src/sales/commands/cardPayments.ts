import { faultPoint } from '@countinghouse/shared/fault'
import type { Claim } from '@countinghouse/shared/idempotency'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { counter } from '@countinghouse/shared/metrics'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon, type Refusal } from '@countinghouse/shared/refusal'
import { refuse } from '../../errors.js'
import type { Outcome } from '../../walletPayments.js'
import type { Cards } from '../cards.js'
import type { Sale } from '../domain/sale.js'
import { amountToPay, answerPayment, awaitPayment, pay } from '../domain/steps.js'
import { eventsOfPayment, toPaymentFailed } from '../events.js'
import { findPayment, salePayments, type SalePayment } from '../records.js'
import { findAnySale, saveSale } from '../store.js'
import { getSale, type Deps } from './deps.js'
import { newRecord, type Paid } from './payments.js'
import type { Step } from './steps.js'

export type CardDeps = Pick<Deps, 'db' | 'now'> & { cards: Cards; supportContact: string }

const answered = counter('sale_payments_total', 'Attempts to pay a sale by card, by what became of them', {
  outcome: ['done', 'open', 'refused', 'unclear'],
})

export type AskedCard = {
  amountMinor: bigint | undefined
  paymentMethod: string | undefined
  reference: string | null
  claim: Claim | undefined
}

export type Paying = (paid: Paid) => CompanionWrite[]

/**
 * Pays a bill by card: recorded first, then asked of wallet-service under the record's id, then settled. Who dies between
 * two of these is overtaken by a repeat, by the event of the payment, or by the sweeper, and none of them charges twice.
 */
export const payByCard = async (deps: CardDeps, step: Step, asked: AskedCard, answer: Paying): Promise<Paid> => {
  const payment = await inTransaction(deps.db, (tx) => begin(tx, step, asked, deps.now()))
  faultPoint('sale:card-payment-begun')
  const outcome = await deps.cards.charge(payment, asked.paymentMethod)
  faultPoint('sale:card-payment-asked')
  answered.inc({ outcome: outcome.kind })
  const paid = await inTransaction(deps.db, (tx) => settle(tx, { payment, outcome, now: deps.now(), answer }))
  if (outcome.kind === 'refused') throw refusalOf(deps, outcome.refusal, paid)
  return paid
}

const begin = async (tx: Tx, { number, by }: Step, asked: AskedCard, now: Date): Promise<SalePayment> => {
  const { claim, paymentMethod, reference } = asked
  const earlier = claim && (await findPayment(tx, claim.id))
  if (earlier && earlier.fingerprint !== claim.fingerprint) throw refuseCommon('idempotency_key_reused')
  if (earlier) return earlier
  const before = await getSale(tx, number, by)
  const payment: SalePayment = {
    ...newRecord(before, by.userId, now),
    ...(claim && { _id: claim.id }),
    ...{ amountMinor: amountToPay(before, asked.amountMinor), method: 'card', reference },
    ...{ status: 'pending', paymentId: null, failure: null, settledAt: null },
    ...{ fingerprint: claim?.fingerprint ?? null, paymentMethod: paymentMethod ?? null },
  }
  await saveSale(tx, before, awaitPayment(before, payment.amountMinor, now))
  await tx.insert(salePayments, payment)
  return payment
}

type Settling = { payment: SalePayment; outcome: Outcome; now: Date; answer: Paying }

/** Writes down what wallet-service said; what was settled meanwhile stays as it is. */
export const settle = async (tx: Tx, { payment: { _id }, outcome, now, answer }: Settling): Promise<Paid> => {
  const payment = await findPayment(tx, _id)
  const before = payment && (await findAnySale(tx, payment.billNumber))
  if (!payment || !before) throw new Error(`There is no payment ${_id}`)
  const paid = await takeOutcome(tx, { before, payment, outcome, now })
  // A refusal is answered, and stored, as one.
  if (outcome.kind !== 'refused') await writeCompanions(tx, answer(paid))
  return paid
}

type Heard = { before: Sale; payment: SalePayment; outcome: Outcome; now: Date }

const takeOutcome = async (tx: Tx, { before, payment, outcome, now }: Heard): Promise<Paid> => {
  const isNews = payment.status === 'pending' || (payment.status === 'failed' && outcome.kind === 'done')
  if (!isNews || outcome.kind === 'unclear') return { sale: before, payment }
  const known = { ...payment, paymentId: nameOf(outcome) ?? payment.paymentId }
  if (outcome.kind !== 'open') {
    const failure = outcome.kind === 'refused' ? toFailure(outcome.refusal) : null
    return conclude(tx, { before, payment: known, failure, now })
  }
  await tx.replace(salePayments, known)
  return { sale: before, payment: known }
}

/** A declined payment has a name, too, under which its event comes. */
const nameOf = (outcome: Outcome): string | undefined => {
  if ('id' in outcome) return outcome.id
  const id = outcome.kind === 'refused' ? outcome.refusal.context['payment_id'] : undefined
  return typeof id === 'string' ? id : undefined
}

type Conclusion = { before: Sale; payment: SalePayment; failure: SalePayment['failure']; now: Date }

/** Ends an attempt to pay, one way or the other; money also comes after a failure. */
export const conclude = async (tx: Tx, { before, payment, failure, now }: Conclusion): Promise<Paid> => {
  const { amountMinor } = payment
  const succeeded = failure === null
  const sale =
    payment.status === 'pending'
      ? answerPayment(before, amountMinor, succeeded, now)
      : pay(before, succeeded ? amountMinor : 0n, now)
  const status = succeeded ? 'succeeded' : 'failed'
  const settled: SalePayment = { ...payment, status, failure, settledAt: now }
  const events: Envelope[] = succeeded ? eventsOfPayment(before, sale, settled) : [toPaymentFailed(sale, settled)]
  await saveSale(tx, before, sale)
  await tx.replace(salePayments, settled)
  await addToOutbox(tx, ...events)
  return { sale, payment: settled }
}

/** Gives up a payment that waits for its payer, so that the bill can be paid otherwise. */
export const cancelCardPayment = async (
  deps: CardDeps,
  { number, by }: Step,
  id: string,
  answer: Paying,
): Promise<Paid> => {
  await getSale(readsOn(deps.db), number, by)
  const payment = await findPayment(readsOn(deps.db), id)
  if (payment?.billNumber !== number || payment.paymentId === null)
    throw refuse('payment_not_found', { payment_id: id })
  if (payment.status !== 'pending') throw refuse('payment_settled', { payment_id: id, attempt: payment.status })
  const outcome = await deps.cards.cancel(payment.paymentId)
  if (outcome.kind === 'refused') throw outcome.refusal
  if (outcome.kind === 'unclear') throw refuseCommon('dependency_unavailable', { dependency: 'wallet-service' })
  const refusal = refuse('payment_canceled', { payment_id: payment.paymentId })
  return inTransaction(deps.db, async (tx) => {
    const settling = { payment, outcome: { kind: 'refused', refusal } as const, now: deps.now(), answer: () => [] }
    const paid = await settle(tx, settling)
    await writeCompanions(tx, answer(paid))
    return paid
  })
}

const toFailure = ({ code, message, context: { decline_code: declineCode, reason } }: Refusal) => ({
  code: typeof declineCode === 'string' ? declineCode : code,
  reason: typeof reason === 'string' ? reason : message,
})

// Declined is for the payer to mend, with another card or another try; anything else is passed on as it was said.
const refusalOf = ({ supportContact }: CardDeps, refusal: Refusal, { payment }: Paid): Refusal =>
  refusal.status !== 402
    ? refusal
    : refuse('payment_declined', {
        reason: payment.failure?.reason ?? refusal.message,
        decline_code: payment.failure?.code,
        payment_id: payment._id,
        payment_status: 'failed',
        retry: true,
        support_contact: supportContact,
      })
