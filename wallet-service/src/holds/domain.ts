import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import { credit, debit, type EntryDraft, type Reservation, type WalletFacts } from '../ledger/domain.js'

export const HOLD_STATUSES = ['pending', 'captured', 'released', 'expired'] as const
export type HoldStatus = (typeof HOLD_STATUSES)[number]

/** Money set aside in a wallet for someone: it cannot be spent otherwise, until it is captured, released or expires. */
export type Hold = {
  _id: string
  walletId: string
  /** The account that a capture pays: a wallet, or the house's clearing account. */
  targetId: string
  ownerId: string | null
  currency: string
  amountMinor: bigint
  capturedMinor: bigint
  status: HoldStatus
  description: string | null
  placedBy: string
  placedAt: Date
  expiresAt: Date
  version: number
}

/** What a step makes of the hold, and its entry in the books. */
export type HoldStep = { hold: Hold; draft: EntryDraft }

/** Who takes a step, and the id of its entry. */
export type StepBy = { entryId: string; actor: string }

export type HoldOrder = {
  holdId: string
  wallet: WalletFacts
  /** The wallet to be paid, or undefined for the clearing account. */
  payee: WalletFacts | undefined
  clearingId: string
  amountMinor: bigint
  description: string | null
  expiresAt: Date
}

export const placeHold = (order: HoldOrder, by: StepBy, now: Date): HoldStep => {
  const { holdId, wallet, payee, clearingId, amountMinor, description, expiresAt } = order
  if (payee?._id === wallet._id) throw refuse('same_wallet')
  if (payee && payee.currency !== wallet.currency)
    throw refuse('currency_mismatch', { from: wallet.currency, to: payee.currency })
  const hold: Hold = {
    _id: holdId,
    walletId: wallet._id,
    targetId: payee?._id ?? clearingId,
    ownerId: wallet.ownerId,
    currency: wallet.currency,
    amountMinor,
    capturedMinor: 0n,
    status: 'pending',
    description,
    placedBy: by.actor,
    placedAt: now,
    expiresAt,
    version: 1,
  }
  return { hold, draft: entryOf(hold, by, { kind: 'hold', reservations: setAside(hold, amountMinor) }) }
}

export type Capture = { amountMinor: bigint | undefined; final: boolean }

/** Pays the target all that is held or a part of it; a final capture lets go of the rest. */
export const captureHold = (hold: Hold, { amountMinor, final }: Capture, by: StepBy, now: Date): HoldStep => {
  refuseUnlessPending(hold, now)
  const remaining = remainingOf(hold)
  const captured = amountMinor ?? remaining
  const wire = (minor: bigint) => toWireAmount(minor, hold.currency)
  if (captured > remaining) throw refuse('exceeds_hold', { remaining: wire(remaining), requested: wire(captured) })
  const ends = final || captured === remaining
  const next = stepped(hold, {
    capturedMinor: hold.capturedMinor + captured,
    status: ends ? 'captured' : 'pending',
  })
  const postings = [debit(hold.walletId, captured), credit(hold.targetId, captured)]
  const reservations = setAside(hold, ends ? -remaining : -captured)
  return { hold: next, draft: entryOf(hold, by, { kind: 'capture', postings, reservations }) }
}

/** Lets go of what is still held. */
export const releaseHold = (hold: Hold, by: StepBy, now: Date): HoldStep => {
  refuseUnlessPending(hold, now)
  return letGo(hold, 'released', by)
}

/** Lets go of what is still held when its time has run out; undefined when there is nothing to do. */
export const expireHold = (hold: Hold, by: StepBy, now: Date): HoldStep | undefined => {
  if (hold.status !== 'pending' || hold.expiresAt > now) return undefined
  const { hold: expired, draft } = letGo(hold, 'expired', by)
  return { hold: expired, draft: { ...draft, key: `hold-expiry:${hold._id}` } }
}

/** The status as it counts: time runs out also while nobody looks. */
export const statusOf = ({ status, expiresAt }: Hold, now: Date): HoldStatus =>
  status === 'pending' && expiresAt <= now ? 'expired' : status

/** What a capture could still pay. */
export const remainingOf = ({ status, amountMinor, capturedMinor }: Hold): bigint =>
  status === 'pending' ? amountMinor - capturedMinor : 0n

const refuseUnlessPending = (hold: Hold, now: Date): void => {
  const status = statusOf(hold, now)
  if (status !== 'pending') throw refuse(`hold_already_${status}`, { hold_id: hold._id })
}

const letGo = (hold: Hold, status: HoldStatus, by: StepBy): HoldStep => ({
  hold: stepped(hold, { status }),
  draft: entryOf(hold, by, { kind: 'release', reservations: setAside(hold, -remainingOf(hold)) }),
})

const stepped = (hold: Hold, changes: Partial<Hold>): Hold => ({ ...hold, ...changes, version: hold.version + 1 })

const setAside = ({ walletId, targetId }: Hold, amountMinor: bigint): Reservation[] => [
  { accountId: walletId, direction: 'out', amountMinor },
  { accountId: targetId, direction: 'in', amountMinor },
]

type StepEntry = Pick<EntryDraft, 'kind' | 'reservations'> & Partial<Pick<EntryDraft, 'postings'>>

const entryOf = (hold: Hold, { entryId, actor }: StepBy, { postings = [], ...entry }: StepEntry): EntryDraft => ({
  entryId,
  reference: { kind: 'hold', id: hold._id },
  actor,
  ...(hold.description !== null && { description: hold.description }),
  postings,
  ...entry,
})
