import { faultPoint } from '@countinghouse/shared/fault'
import type { Claim } from '@countinghouse/shared/idempotency'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import type { Outcome } from '../../walletPayments.js'
import { refund, takeBackRefund } from '../domain/steps.js'
import { eventsOfRefund, eventsOfRefundFailure } from '../events.js'
import { findPayment, findRefund, refundedOf, saleRefunds, type SalePayment, type SaleRefund } from '../records.js'
import { findAnySale, saveSale } from '../store.js'
import type { CardDeps } from './cardPayments.js'
import { getSale } from './deps.js'
import { newRecord } from './payments.js'
import type { Step } from './steps.js'

export type AskedCardRefund = {
  amountMinor: bigint
  salePaymentId: string
  reason: string
  reference: string | null
  claim: Claim | undefined
}

/** Sends a card payment back, in whole or in part: counted at once, and taken back if wallet-service refuses it. */
export const refundCard = async (
  deps: CardDeps,
  step: Step,
  asked: AskedCardRefund,
  answer: (refund: SaleRefund) => CompanionWrite[],
): Promise<SaleRefund> => {
  const { record, paymentId } = await inTransaction(deps.db, (tx) => begin(tx, step, asked, deps.now()))
  faultPoint('sale:card-refund-begun')
  const outcome = await deps.cards.refund(record, paymentId)
  const settled = await inTransaction(deps.db, async (tx) => {
    const after = await settleRefund(tx, record._id, outcome, deps.now())
    if (outcome.kind !== 'refused') await writeCompanions(tx, answer(after))
    return after
  })
  if (outcome.kind === 'refused') throw outcome.refusal
  return settled
}

const begin = async (tx: Tx, { number, by }: Step, asked: AskedCardRefund, now: Date) => {
  const { claim, amountMinor, salePaymentId, reason, reference } = asked
  const before = await getSale(tx, number, by)
  const payment = await findPayment(tx, salePaymentId)
  if (payment?.billNumber !== number || payment.method !== 'card' || payment.paymentId === null)
    throw refuse('payment_not_found', { payment_id: salePaymentId })
  const { paymentId } = payment
  const earlier = claim && (await findRefund(tx, claim.id))
  if (earlier && earlier.fingerprint !== claim.fingerprint) throw refuseCommon('idempotency_key_reused')
  if (earlier) return { record: earlier, paymentId }
  await assertLeft(tx, payment, amountMinor)
  const record: SaleRefund = {
    ...newRecord(before, by.userId, now),
    ...(claim && { _id: claim.id }),
    ...{ amountMinor, method: 'card', reference, reason, salePaymentId, refundId: null },
    ...{ status: 'pending', failure: null, settledAt: null, fingerprint: claim?.fingerprint ?? null },
  }
  const sale = refund(before, amountMinor, now)
  await saveSale(tx, before, sale)
  await tx.insert(saleRefunds, record)
  await addToOutbox(tx, ...eventsOfRefund(before, sale, record))
  return { record, paymentId }
}

const assertLeft = async (tx: Tx, payment: SalePayment, amountMinor: bigint): Promise<void> => {
  const leftMinor = payment.amountMinor - (await refundedOf(tx, payment._id))
  const wire = (minor: bigint) => toWireAmount(minor, payment.currency)
  if (amountMinor > leftMinor)
    throw refuse('exceeds_payments', { remaining: wire(leftMinor), requested: wire(amountMinor) })
}

/** Writes down what became of a refund that is under way; what is settled stays as it is. */
export const settleRefund = async (tx: Tx, id: string, outcome: Outcome, now: Date): Promise<SaleRefund> => {
  const before = await findRefund(tx, id)
  if (!before) throw new Error(`There is no refund ${id}`)
  if (before.status !== 'pending' || outcome.kind === 'unclear') return before
  const known = { ...before, ...('id' in outcome && { refundId: outcome.id }) }
  if (outcome.kind === 'refused') {
    const { code, message: reason } = outcome.refusal
    return failRefund(tx, { ...known, failure: { code, reason } }, now)
  }
  const after: SaleRefund = outcome.kind === 'done' ? { ...known, status: 'succeeded', settledAt: now } : known
  await tx.replace(saleRefunds, after)
  return after
}

/** The money did not reach the customer, and is owed as before. */
export const failRefund = async (tx: Tx, failed: SaleRefund, now: Date): Promise<SaleRefund> => {
  const before = await findAnySale(tx, failed.billNumber)
  if (!before) throw new Error(`There is no sale ${failed.billNumber}`)
  const after: SaleRefund = { ...failed, status: 'failed', settledAt: now }
  const sale = takeBackRefund(before, failed.amountMinor, now)
  await saveSale(tx, before, sale)
  await tx.replace(saleRefunds, after)
  await addToOutbox(tx, ...eventsOfRefundFailure(before, sale, after))
  return after
}
