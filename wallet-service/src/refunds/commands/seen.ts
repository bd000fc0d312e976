import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { houseAccountId } from '../../ledger/chart.js'
import { getPayment } from '../../payments/commands.js'
import type { Payment } from '../../payments/domain/payment.js'
import type { ProviderRefund } from '../../payments/provider.js'
import { findByProviderId as findPayment } from '../../payments/store.js'
import { decideRefundSeen, newRefund, refundableOf, type Refund } from '../domain.js'
import { findByProviderId, findRefund } from '../store.js'
import type { Deps } from './deps.js'
import { getRefund, isOvertaken, saveRefund, type Companions } from './save.js'

type SeenDeps = Pick<Deps, 'db' | 'ledger' | 'now'>

/** Takes what the provider says of a refund; what it says twice happens once. */
export const takeRefundSeen = async (
  deps: SeenDeps,
  refundId: string,
  seen: ProviderRefund,
  companions: Companions,
): Promise<Refund> => {
  for (;;) {
    const before = await getRefund(deps, refundId)
    const after = decideRefundSeen(before, seen, deps.now())
    if (!after) {
      await commitCompanions(deps.db, companions(before))
      return before
    }
    try {
      const payment = await getPayment(deps, before.paymentId)
      return await saveRefund(deps, { before, after, payment, companions })
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}

/** Takes what the provider tells by itself, of refunds that were made there as well. */
export const takeToldRefund = async (deps: SeenDeps, seen: ProviderRefund): Promise<void> => {
  for (;;) {
    const known = await findKnown(deps, seen)
    if (known) return void (await takeRefundSeen(deps, known._id, seen, () => []))
    const payment = await findPayment(readsOn(deps.db), seen.providerPaymentId ?? '')
    // A refund of nothing that we know is for the reconciliation to show.
    if (!payment) return
    if (payment.settled === null) throw new Error(`The refund ${seen.id} was told before its payment`)
    try {
      await adopt(deps, payment, seen)
      return
    } catch (error) {
      if (!(await isOvertaken(deps, undefined, error))) throw error
    }
  }
}

const findKnown = async ({ db }: SeenDeps, { id, refundId }: ProviderRefund): Promise<Refund | undefined> => {
  const reads = readsOn(db)
  return (await findByProviderId(reads, id)) ?? (refundId === null ? undefined : findRefund(reads, refundId))
}

// A wallet that holds too little owes the rest: the money is gone already.
const adopt = async (deps: SeenDeps, payment: Payment, seen: ProviderRefund): Promise<void> => {
  const from = payment.settled?.accountId ?? ''
  await insertAdopted(deps, payment, seen, from).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.status !== 409) throw error
    return insertAdopted(deps, payment, seen, houseAccountId('receivables', payment.currency))
  })
}

const insertAdopted = async (
  deps: SeenDeps,
  payment: Payment,
  seen: ProviderRefund,
  fromAccountId: string,
): Promise<void> => {
  const by = 'service:payment-provider'
  if (seen.amountMinor > refundableOf(payment)) throw new Error(`The refund ${seen.id} is for more than came in`)
  const order = {
    refundId: uuidv7(),
    amountMinor: seen.amountMinor,
    reason: seen.reason,
    by,
    claim: null,
    fromAccountId,
  }
  const begun = newRefund(payment, order, deps.now())
  const after = decideRefundSeen(begun, seen, deps.now()) ?? begun
  await saveRefund(deps, { before: undefined, after: { ...after, version: 1 }, payment, companions: () => [] })
}
