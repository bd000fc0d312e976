import { faultPoint } from '@countinghouse/shared/fault'
import { readAmount } from '@countinghouse/shared/http/fields'
import { AlreadyAnswered, idempotency, type Claim } from '@countinghouse/shared/idempotency'
import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal, refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../../errors.js'
import { walletEvents } from '../../ledger/events.js'
import { getPayment } from '../../payments/commands.js'
import type { Payment } from '../../payments/domain/payment.js'
import { ProviderRefused } from '../../payments/provider.js'
import { PaymentChanged, findPayment, paymentUpdate } from '../../payments/store.js'
import { asideEntry, decideRefund, refused, walletRefundEntry, wasRefused, type Refund } from '../domain.js'
import { refundEvents } from '../events.js'
import { findClaimed, refundInsertion } from '../store.js'
import type { Asker, Deps } from './deps.js'
import { getRefund, isOvertaken, saveRefund, type Companions } from './save.js'
import { takeRefundSeen } from './seen.js'

export type AskedRefund = { paymentId: string; amount: number | string | undefined; reason: string | null }

type Asking = { asked: AskedRefund; by: Asker; claim: Claim | undefined }

/** Gives back a payment or a part of it, once for the key of the request. */
export const requestRefund = async (deps: Deps, asking: Asking, companions: Companions): Promise<Refund> => {
  const earlier = asking.claim && (await findEarlier(deps, asking.claim))
  return earlier ? goOn(deps, earlier, companions) : begin(deps, asking, companions)
}

/** Ends what an earlier request of the same key began, and answers as that one would have. */
const goOn = async (deps: Deps, refund: Refund, companions: Companions): Promise<Refund> => {
  if (refund.providerPaymentId !== null && refund.providerId === null && refund.status === 'pending')
    return carryOut(deps, refund, companions)
  if (wasRefused(refund)) throw declined(refund)
  await commitCompanions(deps.db, companions(refund))
  return refund
}

const findEarlier = ({ db }: Deps, claim: Claim): Promise<Refund | undefined> =>
  inTransaction(db, async (tx) => {
    if (await tx.findOne(idempotency, { _id: claim.id })) throw new AlreadyAnswered()
    const earlier = await findClaimed(tx, claim.id)
    if (earlier && earlier.claim?.fingerprint !== claim.fingerprint) throw refuseCommon('idempotency_key_reused')
    return earlier
  })

/** Sets the money aside; what came out of a wallet is back there at once. */
const begin = async (deps: Deps, { asked, by, claim }: Asking, companions: Companions): Promise<Refund> => {
  for (;;) {
    const before = await getRefundable(deps, asked.paymentId, by)
    const { amount, reason } = asked
    const amountMinor = amount === undefined ? undefined : readAmount(amount, before.currency, ['body', 'amount'])
    const order = { refundId: uuidv7(), amountMinor, reason, by: by.actor, claim: claim ?? null }
    let begun: Refund
    try {
      const { refund, payment } = decideRefund(before, order, deps.now())
      const beginning = { before, payment, refund, by }
      begun = await (before.method === 'wallet'
        ? payBack(deps, { ...beginning, companions })
        : setAside(deps, beginning))
    } catch (error) {
      // A twin may have begun since, and what is refused then is refused because of it.
      const twin = claim && (await findClaimed(readsOn(deps.db), claim.id))
      if (twin) return goOn(deps, twin, companions)
      if (error instanceof PaymentChanged || (await isRefusedForOther(deps, before, error))) continue
      throw error
    }
    return begun.status === 'pending' ? carryOut(deps, begun, companions) : begun
  }
}

const isRefusedForOther = async (deps: Deps, before: Payment, error: unknown): Promise<boolean> =>
  error instanceof Refusal && (await getPayment(deps, before._id)).version !== before.version

const getRefundable = async ({ db }: Deps, id: string, { userId }: Asker): Promise<Payment> => {
  const payment = await findPayment(readsOn(db), id)
  if (!payment || (userId !== undefined && payment.ownerId !== userId))
    throw refuse('payment_not_found', { payment_id: id })
  // What was paid for is given back by whoever sold it; a top-up is the payer's own money.
  if (userId !== undefined && payment.purpose.kind !== 'wallet_topup') throw refuseCommon('forbidden')
  return payment
}

type Beginning = { before: Payment; payment: Payment; refund: Refund; by: Asker }

const setAside = async ({ ledger }: Deps, { before, payment, refund, by }: Beginning): Promise<Refund> => {
  await ledger.submit({
    drafts: [asideEntry(refund, { entryId: uuidv7(), actor: by.actor })],
    companions: () => [refundInsertion(refund), paymentUpdate(before, payment)],
  })
  faultPoint('refund:begun')
  return refund
}

const payBack = async (
  { ledger, now }: Deps,
  { before, payment, refund, by, companions }: Beginning & { companions: Companions },
): Promise<Refund> => {
  const [entryId, at] = [uuidv7(), now()]
  const history = [...refund.history, { status: 'succeeded' as const, at }]
  const paid: Refund = { ...refund, status: 'succeeded', place: 'gone', entryId, lookAt: null, history }
  const draft = walletRefundEntry(refund, payment.walletId ?? '', { entryId, actor: by.actor })
  await ledger.submit({
    drafts: [draft],
    companions: () => [refundInsertion(paid), paymentUpdate(before, payment), ...companions(paid)],
    events: (posted) => [...refundEvents({ before: refund, after: paid, payment, now: at }), ...walletEvents(posted)],
  })
  return paid
}

/** Asks the provider, under the refund's own id as the key, and takes the answer. */
export const carryOut = async (deps: Deps, refund: Refund, companions: Companions): Promise<Refund> => {
  const { _id, providerPaymentId, amountMinor, reason } = refund
  const order = { refundId: _id, providerPaymentId: providerPaymentId ?? '', amountMinor, reason }
  try {
    const made = refund.looks > 0 ? await deps.provider.findRefund(order) : undefined
    const seen = made ?? (await deps.provider.createRefund(order, `refund:${_id}`))
    faultPoint('refund:answered')
    return await takeRefundSeen(deps, _id, seen, companions)
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error
    await giveUp(deps, _id, error)
    throw declined(refused(refund, error.error, deps.now()))
  }
}

const declined = ({ _id, failureReason, declinedWith }: Refund): Refusal =>
  refuse('refund_declined', { refund_id: _id, reason: declinedWith ?? failureReason, provider_code: failureReason })

const giveUp = async (deps: Deps, id: string, { error }: ProviderRefused): Promise<void> => {
  for (;;) {
    const before = await getRefund(deps, id)
    if (before.providerId !== null || before.status !== 'pending') return
    const payment = await getPayment(deps, before.paymentId)
    try {
      await saveRefund(deps, { before, after: refused(before, error, deps.now()), payment, companions: () => [] })
      return
    } catch (failure) {
      if (!(await isOvertaken(deps, before, failure))) throw failure
    }
  }
}
