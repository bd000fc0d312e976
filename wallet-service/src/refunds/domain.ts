import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import { houseAccountId } from '../ledger/chart.js'
import { credit, debit, type EntryDraft } from '../ledger/domain.js'
import { stepped, type Payment } from '../payments/domain/payment.js'
import { providerEntryKey, type ProviderError, type ProviderRefund } from '../payments/provider.js'

export type RefundStatus = ProviderRefund['status']

/**
 * Where the money is: set aside for the payer, gone from the provider, back where it was, or owed to a payer whose wallet
 * does not take it any more. A refund that was made at the provider begins with being gone.
 */
export const REFUND_PLACES = ['aside', 'gone', 'back', 'owed'] as const

export type Refund = {
  _id: string
  paymentId: string
  ownerId: string | null
  providerId: string | null
  /** The payment as the provider names it; null for one that was made out of a wallet. */
  providerPaymentId: string | null
  amountMinor: bigint
  currency: string
  reason: string | null
  status: RefundStatus
  failureReason: string | null
  /** What the provider said with its no, for whoever asks again. */
  declinedWith?: string
  /** What the money is taken from, and returns to if it fails. */
  fromAccountId: string
  place: (typeof REFUND_PLACES)[number]
  /** The entry that gave the money away. */
  entryId: string | null
  history: { status: RefundStatus; at: Date }[]
  createdBy: string
  claim: { id: string; fingerprint: string } | null
  lookAt: Date | null
  looks: number
  createdAt: Date
  version: number
}

export type RefundOrder = {
  refundId: string
  amountMinor: bigint | undefined
  reason: string | null
  by: string
  claim: Refund['claim']
}

/** What is left of a payment to give back. */
export const refundableOf = ({ amountReceivedMinor, amountRefundedMinor }: Payment): bigint =>
  amountReceivedMinor - amountRefundedMinor

/** A refund of a payment or of a part of it; never more than came in. */
export const decideRefund = (payment: Payment, order: RefundOrder, now: Date): { refund: Refund; payment: Payment } => {
  const { settled, currency } = payment
  if (payment.status !== 'succeeded' || settled === null) throw conflictOf(payment)
  const left = refundableOf(payment)
  const amountMinor = order.amountMinor ?? left
  if (amountMinor > left || left === 0n)
    throw refuse('exceeds_received', { payment_id: payment._id, remaining: toWireAmount(left, currency) })
  const refund = newRefund(payment, { ...order, amountMinor, fromAccountId: settled.accountId }, now)
  return { refund, payment: withRefunded(payment, amountMinor) }
}

const conflictOf = ({ _id, status }: Payment) =>
  refuse('payment_status_conflict', { payment_id: _id, payment_status: status, step: 'refund' })

type NewRefund = Omit<RefundOrder, 'amountMinor'> & { amountMinor: bigint; fromAccountId: string }

export const newRefund = (payment: Payment, order: NewRefund, now: Date): Refund => ({
  ...{ _id: order.refundId, paymentId: payment._id, ownerId: payment.ownerId, currency: payment.currency },
  ...{ providerId: null, providerPaymentId: payment.providerId },
  ...{ amountMinor: order.amountMinor, reason: order.reason, fromAccountId: order.fromAccountId },
  ...{
    status: 'pending',
    failureReason: null,
    place: 'aside',
    entryId: null,
    history: [{ status: 'pending', at: now }],
  },
  ...{ createdBy: order.by, claim: order.claim, lookAt: lookAfter(0, now), looks: 0, createdAt: now, version: 1 },
})

export const withRefunded = (payment: Payment, amountMinor: bigint): Payment =>
  stepped(payment, { ...payment, amountRefundedMinor: payment.amountRefundedMinor + amountMinor })

// Only a failure can follow a success: the payer's bank may send the money back.
const RANK: Record<RefundStatus, number> = { pending: 0, requires_action: 0, succeeded: 1, failed: 2, canceled: 2 }

/** What the provider says of a refund, in whatever order; undefined when it says nothing new. */
export const decideRefundSeen = (before: Refund, seen: ProviderRefund, now: Date): Refund | undefined => {
  const isNews = RANK[seen.status] > RANK[before.status]
  if (!isNews && before.providerId !== null) return undefined
  const known: Refund = { ...before, providerId: seen.id, place: before.place === 'aside' ? 'gone' : before.place }
  if (!isNews) return next(known, {}, now)
  const failed = RANK[seen.status] === 2
  const changes = { status: seen.status, failureReason: seen.failureReason, ...(failed && { place: 'back' as const }) }
  return next(known, changes, now)
}

/** The provider will not do it, and has not. */
export const refused = (
  before: Refund,
  { code, message }: Pick<ProviderError, 'code' | 'message'>,
  now: Date,
): Refund => next(before, { status: 'failed', failureReason: code, declinedWith: message, place: 'back' }, now)

const next = (before: Refund, changes: Partial<Refund>, now: Date): Refund => {
  const after = { ...before, ...changes, version: before.version + 1, looks: 0 }
  const isOpen = RANK[after.status] === 0
  const history =
    after.status === before.status ? before.history : [...before.history, { status: after.status, at: now }]
  return { ...after, history, lookAt: isOpen ? lookAfter(0, now) : null }
}

const LOOK_FIRST_MS = 10_000
const LOOK_GAP_MAX_MS = 3_600_000

export const lookAfter = (looks: number, now: Date): Date =>
  new Date(now.getTime() + Math.min(LOOK_FIRST_MS * 2 ** Math.min(looks, 12), LOOK_GAP_MAX_MS))

/** The provider has never had it. */
export const wasRefused = (refund: Refund): boolean => isFailed(refund) && refund.providerId === null

export const isFailed = ({ status }: Refund): boolean => RANK[status] === 2

type NewEntry = { entryId: string; actor: string }

/** Sets the money aside before the provider is asked, so that it is spent only once. */
export const asideEntry = (refund: Refund, by: NewEntry): EntryDraft => ({
  ...named(refund, by),
  key: `refund:${refund._id}:aside`,
  postings: [
    debit(refund.fromAccountId, refund.amountMinor),
    credit(houseAccountId('refunds_payable', refund.currency), refund.amountMinor),
  ],
})

/** Gives the money straight back to the wallet that paid. */
export const walletRefundEntry = (refund: Refund, walletId: string, by: NewEntry): EntryDraft => ({
  ...named(refund, by),
  key: `refund:${refund._id}:paid`,
  postings: [debit(refund.fromAccountId, refund.amountMinor), credit(walletId, refund.amountMinor)],
})

/** The entries that bring the money from where it was to where it is; each has a reason of its own. */
export const entriesBetween = (before: Refund | undefined, after: Refund, newEntry: () => NewEntry): EntryDraft[] => {
  const source = after.providerId ?? ''
  const atProvider = houseAccountId('payment_provider', after.currency)
  const aside = houseAccountId('refunds_payable', after.currency)
  const entry = (key: string, from: string, to: string): EntryDraft => ({
    ...named(after, newEntry()),
    key,
    postings: [debit(from, after.amountMinor), credit(to, after.amountMinor)],
  })
  const goes = () => entry(providerEntryKey(source, 'refund'), before ? aside : after.fromAccountId, atProvider)
  const home = after.place === 'owed' ? aside : after.fromAccountId
  const returns = () => entry(providerEntryKey(source, 'refund_failure'), atProvider, home)
  if (before?.place === after.place) return []
  if (after.place === 'gone') return [goes()]
  if (before?.place === 'gone') return [returns()]
  // What the provider took and gave back is two movements there, and so it is here.
  if (after.providerId !== null) return [goes(), returns()]
  return after.place === 'owed' ? [] : [entry(`refund:${after._id}:back`, aside, home)]
}

const named = ({ _id, paymentId, reason }: Refund, { entryId, actor }: NewEntry) => ({
  entryId,
  kind: 'refund',
  reference: { kind: 'refund', id: _id },
  actor,
  description: reason === null ? `Refund of payment ${paymentId}` : `Refund of payment ${paymentId}: ${reason}`,
})
