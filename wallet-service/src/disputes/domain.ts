import { houseAccountId } from '../ledger/chart.js'
import { credit, debit, type EntryDraft } from '../ledger/domain.js'
import type { Payment } from '../payments/domain/payment.js'
import { providerEntryKey, type ProviderDispute, type ProviderMovement } from '../payments/provider.js'

export type DisputeStatus = ProviderDispute['status']

/** A payment that the payer's bank wants back. */
export type Dispute = {
  _id: string
  providerId: string
  paymentId: string
  ownerId: string | null
  amountMinor: bigint
  currency: string
  reason: string
  status: DisputeStatus
  respondBy: Date | null
  /** What the provider has taken for it and not given back. */
  heldMinor: bigint
  /** The movements at the provider that are in the books. */
  booked: string[]
  /** The questions that were put to the provider, by their keys. */
  asks: string[] | null
  history: { status: DisputeStatus; at: Date }[]
  lookAt: Date | null
  createdAt: Date
  version: number
}

const RANK: Record<DisputeStatus, number> = { needs_response: 0, under_review: 1, won: 2, lost: 2 }
export const isClosed = (status: DisputeStatus): boolean => RANK[status] === 2

const LOOK_EVERY_MS = 3_600_000

export const newDispute = (payment: Payment, seen: ProviderDispute, id: string, now: Date): Dispute => ({
  ...{ _id: id, providerId: seen.id, paymentId: payment._id, ownerId: payment.ownerId },
  ...{ amountMinor: seen.amountMinor, currency: payment.currency, reason: seen.reason, respondBy: seen.respondBy },
  ...{ status: 'needs_response', history: [{ status: 'needs_response', at: now }], heldMinor: 0n, booked: [] },
  asks: [],
  ...{ lookAt: new Date(now.getTime() + LOOK_EVERY_MS), createdAt: now, version: 0 },
})

/** What a step leaves, and the movements at the provider that it brings into the books. */
export type DisputeStep = { after: Dispute; movements: readonly ProviderMovement[] }

/** What the provider says of a dispute, in whatever order; undefined when it says nothing new. */
export const decideDisputeSeen = (before: Dispute, seen: ProviderDispute, now: Date): DisputeStep | undefined => {
  const movements = seen.movements.filter(({ id }) => !before.booked.includes(id))
  const isNews = RANK[seen.status] > RANK[before.status]
  if (!isNews && movements.length === 0 && before.version > 0) return undefined
  const status = isNews ? seen.status : before.status
  const after: Dispute = {
    ...before,
    status,
    respondBy: seen.respondBy,
    heldMinor: movements.reduce((held, { amountMinor }) => held - amountMinor, before.heldMinor),
    booked: [...before.booked, ...movements.map(({ id }) => id)],
    history: isNews ? [...before.history, { status, at: now }] : before.history,
    lookAt: isClosed(status) ? null : new Date(now.getTime() + LOOK_EVERY_MS),
    version: before.version + 1,
  }
  return { after, movements }
}

/** The dispute with a question recorded that will be put to the provider. */
export const asking = (before: Dispute, key: string): Dispute => ({
  ...before,
  asks: [...(before.asks ?? []), key],
  version: before.version + 1,
})

export const isLostBy = (before: Dispute, after: Dispute): boolean =>
  before.status !== after.status && after.status === 'lost' && after.heldMinor > 0n

type NewEntry = () => { entryId: string; actor: string }

/** The provider takes or gives back what is disputed, and may keep something for its trouble. */
export const movementEntries = (
  dispute: Dispute,
  movements: readonly ProviderMovement[],
  by: NewEntry,
): EntryDraft[] => {
  const house = (name: 'payment_provider' | 'disputes_held' | 'provider_fees') => houseAccountId(name, dispute.currency)
  const entry = (key: string, to: string, amountMinor: bigint): EntryDraft[] => {
    if (amountMinor === 0n) return []
    const [less, more] = amountMinor < 0n ? [to, house('payment_provider')] : [house('payment_provider'), to]
    const size = amountMinor < 0n ? -amountMinor : amountMinor
    return [{ ...named(dispute, by()), key, postings: [debit(less, size), credit(more, size)] }]
  }
  return movements.flatMap(({ id, amountMinor, feeMinor }) => [
    ...entry(providerEntryKey(dispute.providerId, id), house('disputes_held'), amountMinor),
    ...entry(providerEntryKey(dispute.providerId, `${id}-fee`), house('provider_fees'), -feeMinor),
  ])
}

/** What the payer keeps is lost: to the wallet that was topped up with it, or to the house. */
export const lossEntry = (dispute: Dispute, accountId: string, by: NewEntry): EntryDraft => ({
  ...named(dispute, by()),
  key: `dispute:${dispute._id}:lost`,
  postings: [
    debit(accountId, dispute.heldMinor),
    credit(houseAccountId('disputes_held', dispute.currency), dispute.heldMinor),
  ],
})

const named = ({ _id, paymentId, reason }: Dispute, { entryId, actor }: ReturnType<NewEntry>) => ({
  entryId,
  kind: 'dispute',
  reference: { kind: 'dispute', id: _id },
  actor,
  description: `Dispute of payment ${paymentId}: ${reason}`,
})
