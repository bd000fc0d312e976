import { refuse } from '../errors.js'
import { credit, debit, type EntryDraft, type WalletFacts } from '../ledger/domain.js'
import type { SentOut } from '../payments/sentOut.js'

export const REMITTANCE_STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled', 'returned'] as const
export type RemittanceStatus = (typeof REMITTANCE_STATUSES)[number]

/** Another wallet, or a bank account as the payment provider names it. */
export type Recipient = { kind: 'wallet'; walletId: string } | { kind: 'bank'; account: string; name: string }

export type Step = { status: RemittanceStatus; at: Date; actor: string; reason: string | null }

/** Money that a user sends: to another wallet at once, or out through the payment provider. */
export type Remittance = {
  _id: string
  userId: string
  walletId: string
  recipient: Recipient
  amountMinor: bigint
  currency: string
  description: string | null
  status: RemittanceStatus
  history: Step[]
  /** What the provider calls it, once the provider has it. */
  payoutId: string | null
  /** The business day whose limit it counts for. */
  day: string
  /** When the provider is to be asked about it, for the first time or again. */
  dueAt: Date | null
  attempts: number
  version: number
  createdAt: Date
}

export type Order = Pick<Remittance, '_id' | 'userId' | 'recipient' | 'amountMinor' | 'description' | 'day'> & {
  wallet: WalletFacts
  actor: string
}

export const newRemittance = ({ wallet, actor, ...order }: Order, now: Date): Remittance => {
  const isInside = order.recipient.kind === 'wallet'
  const status = isInside ? 'completed' : 'pending'
  return {
    ...order,
    walletId: wallet._id,
    currency: wallet.currency,
    status,
    history: [{ status, at: now, actor, reason: null }],
    payoutId: null,
    dueAt: isInside ? null : now,
    attempts: 0,
    version: 1,
    createdAt: now,
  }
}

// From where to where a status may go. What went to a wallet is there; it is taken back by reversing its entry.
const NEXT: Readonly<Record<RemittanceStatus, readonly RemittanceStatus[]>> = {
  pending: ['processing', 'cancelled'],
  processing: ['completed', 'failed'],
  completed: ['returned'],
  failed: [],
  cancelled: [],
  returned: [],
}

export type Change = { status: RemittanceStatus; actor: string; reason: string | null }

export const mayBecome = (remittance: Remittance, status: RemittanceStatus): boolean =>
  NEXT[remittance.status].includes(status) && !(remittance.recipient.kind === 'wallet' && status === 'returned')

/** The remittance a step further. */
export const stepTo = (remittance: Remittance, { status, actor, reason }: Change, now: Date): Remittance => {
  if (!mayBecome(remittance, status))
    throw refuse('remittance_status_conflict', { remittance_status: remittance.status, wanted: status })
  return {
    ...remittance,
    status,
    history: [...remittance.history, { status, at: now, actor, reason }],
    dueAt: status === 'processing' ? remittance.dueAt : null,
    version: remittance.version + 1,
  }
}

/** A step that a person takes. While the provider is being asked, only its answer says what became of the money. */
export const changeByHand = (remittance: Remittance, change: Change, now: Date): Remittance => {
  const isUnanswered = remittance.status === 'processing' && remittance.payoutId === null
  if (change.status === 'processing' || isUnanswered)
    throw refuse('remittance_status_conflict', { remittance_status: remittance.status, wanted: change.status })
  return stepTo(remittance, change, now)
}

export const isRefund = (status: RemittanceStatus): boolean => ['failed', 'cancelled', 'returned'].includes(status)

export type EntryParts = { entryId: string; actor: string; key?: string }
type Accounts = { clearing: string; provider: string; creditBalances: string }

const entryOf = ({ _id, description }: Remittance, { entryId, actor, key }: EntryParts) => ({
  entryId,
  actor,
  ...(key !== undefined && { key }),
  kind: 'remittance',
  reference: { kind: 'remittance', id: _id },
  ...(description !== null && { description }),
})

/** Out of the sender's wallet: into the recipient's, or on its way. */
export const sendingEntry = (remittance: Remittance, { clearing }: Accounts, parts: EntryParts): EntryDraft => {
  const { recipient, walletId, amountMinor } = remittance
  const target = recipient.kind === 'wallet' ? recipient.walletId : clearing
  const postings = [debit(walletId, amountMinor), credit(target, amountMinor)]
  return { ...entryOf(remittance, { ...parts, key: `remittance:${remittance._id}:send` }), postings }
}

/** What was on its way leaves what the house has at the provider. */
export const payoutEntry = (
  remittance: Remittance,
  { clearing, provider }: Accounts,
  parts: EntryParts,
): EntryDraft => ({
  ...entryOf(remittance, parts),
  postings: [debit(clearing, remittance.amountMinor), credit(provider, remittance.amountMinor)],
})

/** Back to the sender, from the provider if it had the money; when the wallet is closed the house owes it otherwise. */
export const refundEntry = (
  remittance: Remittance,
  { clearing, provider, creditBalances }: Accounts,
  { isWalletClosed, ...parts }: EntryParts & { isWalletClosed: boolean },
): EntryDraft => {
  const { payoutId, walletId, amountMinor } = remittance
  const source = payoutId === null ? clearing : provider
  const postings = [debit(source, amountMinor), credit(isWalletClosed ? creditBalances : walletId, amountMinor)]
  return { ...entryOf(remittance, parts), kind: 'remittance-refund', postings }
}

const SENT_OUT: Readonly<Record<RemittanceStatus, SentOut['status']>> = {
  ...{ pending: 'on_its_way', processing: 'on_its_way', completed: 'arrived' },
  ...{ failed: 'back', cancelled: 'back', returned: 'back' },
}

/** What the comparison with the provider has to know. */
export const toSentOut = ({ _id, payoutId, status, amountMinor, currency, createdAt }: Remittance): SentOut => ({
  ...{ id: _id, payoutId, status: SENT_OUT[status], amountMinor, currency, at: createdAt },
})

const MINUTE_MS = 60_000
const GAPS_MS = [5_000, 30_000, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS]

/** How long after an attempt the provider is asked again; longer than any attempt takes. */
export const gapAfter = (attempts: number): number => GAPS_MS[Math.min(attempts, GAPS_MS.length - 1)] ?? MINUTE_MS
