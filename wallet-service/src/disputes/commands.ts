import { faultPoint } from '@countinghouse/shared/fault'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { commitCompanions, writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import { houseAccountId } from '../ledger/chart.js'
import { walletEvents } from '../ledger/events.js'
import { getPayment, type Deps as PaymentDeps } from '../payments/commands.js'
import type { Payment } from '../payments/domain/payment.js'
import { ProviderRefused, type PaymentProvider, type ProviderDispute } from '../payments/provider.js'
import { findByProviderId as findPayment } from '../payments/store.js'
import {
  asking,
  decideDisputeSeen,
  isClosed,
  isLostBy,
  lossEntry,
  movementEntries,
  newDispute,
  type Dispute,
  type DisputeStep,
} from './domain.js'
import { disputeEvents } from './events.js'
import { DisputeChanged, disputeWrite, findByProviderId, findDispute } from './store.js'

export type Deps = PaymentDeps & { provider: PaymentProvider }
type SeenDeps = PaymentDeps

const HOUSE = 'service:wallet-service'

export const getDispute = async ({ db }: Pick<Deps, 'db'>, id: string): Promise<Dispute> => {
  const dispute = await findDispute(readsOn(db), id)
  if (!dispute) throw refuse('dispute_not_found', { dispute_id: id })
  return dispute
}

/** Takes what the provider says of a dispute; what it says twice happens once. */
export const takeDisputeSeen = async (deps: SeenDeps, seen: ProviderDispute): Promise<Dispute | undefined> => {
  for (;;) {
    const known = await findByProviderId(readsOn(deps.db), seen.id)
    const payment = known
      ? await getPayment(deps, known.paymentId)
      : await findPayment(readsOn(deps.db), seen.providerPaymentId ?? '')
    // A dispute of nothing that we know is for the reconciliation to show.
    if (!payment) return undefined
    const before = known ?? newDispute(payment, seen, uuidv7(), deps.now())
    const step = decideDisputeSeen(before, seen, deps.now())
    if (!step) return before
    try {
      return await save(deps, payment, before, step)
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}

const isOvertaken = async ({ db }: SeenDeps, { providerId, version }: Dispute, error: unknown): Promise<boolean> => {
  if (error instanceof DisputeChanged) return true
  return error instanceof Refusal && ((await findByProviderId(readsOn(db), providerId))?.version ?? 0) !== version
}

const save = async (deps: SeenDeps, payment: Payment, before: Dispute, step: DisputeStep): Promise<Dispute> => {
  const losses = houseAccountId('dispute_losses', payment.currency)
  const isOfWallet = payment.settled !== null && payment.settled.accountId === payment.walletId
  const saving = { payment, before, step, lossAccountId: isOfWallet ? (payment.walletId ?? losses) : losses }
  return enter(deps, saving).catch((error: unknown) => {
    const cannotPay =
      error instanceof Refusal && ['insufficient_funds', 'wallet_frozen', 'wallet_closed'].includes(error.code)
    if (!cannotPay) throw error
    return enter(deps, { ...saving, lossAccountId: losses })
  })
}

type Saving = { payment: Payment; before: Dispute; step: DisputeStep; lossAccountId: string }

const enter = async (
  { db, ledger, now }: SeenDeps,
  { payment, before, step: { after, movements }, lossAccountId }: Saving,
): Promise<Dispute> => {
  const by = () => ({ entryId: uuidv7(), actor: HOUSE })
  const lost = isLostBy(before, after) ? [lossEntry(after, lossAccountId, by)] : []
  const drafts = [...movementEntries(after, movements, by), ...lost]
  const events = disputeEvents(before, after, payment, now())
  const writes = [disputeWrite(before, after)]
  if (drafts.length > 0) {
    await ledger.submit({ drafts, companions: () => writes, events: (posted) => [...events, ...walletEvents(posted)] })
  } else {
    await inTransaction(db, async (tx) => {
      await writeCompanions(tx, writes)
      await addToOutbox(tx, ...events)
    })
  }
  return after
}

/** The key under which the provider is asked, and what commits once it has answered. */
export type Asking = { key: string; companions: (dispute: Dispute) => CompanionWrite[] }

/** Says to the payer's bank why the payment was right. */
export const answer = (deps: Deps, id: string, evidence: string, by: Asking): Promise<Dispute> =>
  takeStep(deps, id, by, 'answer', ({ providerId }) => deps.provider.answerDispute(providerId, evidence, by.key))

/** Gives in: the payer keeps the money. */
export const accept = (deps: Deps, id: string, by: Asking): Promise<Dispute> =>
  takeStep(deps, id, by, 'acceptance', ({ providerId }) => deps.provider.acceptDispute(providerId, by.key))

const takeStep = async (
  deps: Deps,
  id: string,
  { key, companions }: Asking,
  step: string,
  ask: (dispute: Dispute) => Promise<ProviderDispute>,
): Promise<Dispute> => {
  const dispute = await begin(deps, id, key, step)
  const after = isClosed(dispute.status) ? dispute : await carryOut(deps, dispute, step, ask)
  await commitCompanions(deps.db, companions(after))
  return after
}

/** Records what is going to be asked, so that a repeat is known when the dispute has closed by it meanwhile. */
const begin = async (deps: Deps, id: string, key: string, step: string): Promise<Dispute> => {
  const before = await getDispute(deps, id)
  if (before.asks?.includes(key)) return before
  if (isClosed(before.status)) throw conflictOf(before, step)
  const after = asking(before, key)
  try {
    await commitCompanions(deps.db, [disputeWrite(before, after)])
    return after
  } catch (error) {
    if (error instanceof DisputeChanged) return begin(deps, id, key, step)
    throw error
  }
}

const carryOut = async (
  deps: Deps,
  dispute: Dispute,
  step: string,
  ask: (dispute: Dispute) => Promise<ProviderDispute>,
): Promise<Dispute> => {
  const seen = await ask(dispute).catch((error: unknown) => {
    throw error instanceof ProviderRefused ? conflictOf(dispute, step) : error
  })
  faultPoint('dispute:answered')
  return (await takeDisputeSeen(deps, seen)) ?? dispute
}

const conflictOf = ({ _id, status }: Dispute, step: string) =>
  refuse('dispute_status_conflict', { dispute_id: _id, dispute_status: status, step })

/** Asks what became of a dispute that nobody tells of. */
export const look = async (deps: Deps, dispute: Dispute): Promise<void> => {
  const after = await takeDisputeSeen(deps, await deps.provider.getDispute(dispute.providerId))
  if (after?.version !== dispute.version) return
  const later = new Date(deps.now().getTime() + 3_600_000)
  const looked = { ...dispute, lookAt: later, version: dispute.version + 1 }
  await commitCompanions(deps.db, [disputeWrite(dispute, looked)])
}
