import { toWireAmount } from '@countinghouse/shared/money'
import { Refusal } from '@countinghouse/shared/refusal'
import { refuse } from '../errors.js'

/** Double entry: what an account and an entry are, and when an entry is refused. */
export const ACCOUNT_TYPES = ['asset', 'liability', 'equity', 'income', 'expense'] as const
export type AccountType = (typeof ACCOUNT_TYPES)[number]

export const ACCOUNT_STATUSES = ['open', 'frozen', 'closed'] as const
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number]

export type Side = 'debit' | 'credit'

/** An account; a user's wallet is one (a liability of the house), with the user as its owner. */
export type Account = {
  _id: string
  kind: 'wallet' | 'house'
  type: AccountType
  currency: string
  ownerId: string | null
  status: AccountStatus
  /** The balance, counted on the account's normal side: a wallet's is what the house owes its owner. */
  postedMinor: bigint
  /** Held amounts on their way in and out; they change what is available, not what is posted. */
  pendingInMinor: bigint
  pendingOutMinor: bigint
  /** The least that may stay available, and the most that may be posted; null for no limit. */
  availableFloorMinor: bigint | null
  postedCeilingMinor: bigint | null
  version: number
  openedAt: Date
}

/** What never changes about a wallet. */
export type WalletFacts = Pick<Account, '_id' | 'ownerId' | 'currency'>
export type KnownWallets = ReadonlyMap<string, WalletFacts>

export type PostingDraft = {
  accountId: string
  side: Side
  amountMinor: bigint
  /** Refused unless the account is open: for money that must not land in a frozen wallet. */
  onlyIfOpen?: true
}

/** Sets an amount aside on its way out of an account or into it; below zero it is let go. */
export type Reservation = { accountId: string; direction: 'in' | 'out'; amountMinor: bigint }

/** What an entry is about: a document or another entry. */
export type Reference = { kind: string; id: string }

/** An entry as asked for. */
export type EntryDraft = {
  entryId: string
  /** Names the business fact behind it, and no fact is ever entered twice; without one the entry is a fact of its own. */
  key?: string
  kind: string
  /** Nothing but itself, unless it is named. */
  reference?: Reference
  postings: readonly PostingDraft[]
  reservations?: readonly Reservation[]
  actor: string
  /** For people: why, or what for. */
  description?: string
}

/** The accounts by their ids. */
export type Accounts = ReadonlyMap<string, Account>

export type Posting = {
  accountId: string
  side: Side
  amountMinor: bigint
  currency: string
  balanceAfterMinor: bigint
}

/** An entry in the books: immutable, balanced per currency. */
export type Entry = {
  _id: string
  key: string | null
  kind: string
  /** Null for an entry that is about nothing but itself; `referenceOf` says so in words. */
  reference: Reference | null
  postings: Posting[]
  reservations: Reservation[]
  actor: string
  description: string | null
  postedAt: Date
}

/** Entries, and the accounts they touch as they leave them. */
export type Posted = { entries: readonly Entry[]; accounts: Accounts }

export const referenceOf = ({ _id, kind, reference }: Entry): Reference => reference ?? { kind, id: _id }

export const debit = (accountId: string, amountMinor: bigint): PostingDraft => ({
  accountId,
  side: 'debit',
  amountMinor,
})
export const credit = (accountId: string, amountMinor: bigint): PostingDraft => ({
  accountId,
  side: 'credit',
  amountMinor,
})

export const availableOf = ({ postedMinor, pendingOutMinor }: Account): bigint => postedMinor - pendingOutMinor

/** Posts drafts one after another to the accounts as they stand, all or none; the accounts given are not changed. */
export const decideEntries = (drafts: readonly EntryDraft[], accounts: Accounts, now: Date): Posted => {
  const after = new Map<string, Account>()
  const current = { get: (id: string) => after.get(id) ?? accounts.get(id) }
  const entries = drafts.map((draft, index) => {
    try {
      const { entry, changed } = decideEntry(draft, current, now)
      for (const account of changed) after.set(account._id, account)
      return entry
    } catch (error) {
      throw drafts.length > 1 ? withIndex(error, index) : error
    }
  })
  return { entries, accounts: after }
}

const withIndex = (error: unknown, index: number): unknown =>
  error instanceof Refusal
    ? new Refusal(error.code, error.status, error.message, { ...error.context, failed_index: index })
    : error

type Known = { get(id: string): Account | undefined }

const decideEntry = (draft: EntryDraft, accounts: Known, now: Date): { entry: Entry; changed: Account[] } => {
  const { entryId, key = null, kind, reference = null, actor, description = null, reservations = [] } = draft
  const changed = new Map<string, Account>()
  const change = (accountId: string, by: (account: Account) => Account): Account => {
    const account = changed.get(accountId) ?? accounts.get(accountId)
    if (!account) throw refuse('account_not_found', { account_id: accountId })
    const after = by(account)
    changed.set(accountId, after)
    return after
  }
  for (const reservation of reservations) change(reservation.accountId, (account) => reserve(account, reservation))
  const postings = draft.postings.map((posting): Posting => {
    const { accountId, side, amountMinor } = posting
    const { currency, postedMinor } = change(accountId, (account) => post(account, posting))
    return { accountId, side, amountMinor, currency, balanceAfterMinor: postedMinor }
  })
  assertBalanced(postings, reservations)
  for (const account of changed.values()) refuseBeyondLimits(accounts.get(account._id), account)
  const versioned = [...changed.values()].map((account) => ({ ...account, version: account.version + 1 }))
  const fields = { key, kind, reference, postings, reservations: [...reservations], actor, description }
  return { entry: { _id: entryId, ...fields, postedAt: now }, changed: versioned }
}

const post = (account: Account, { side, amountMinor, onlyIfOpen }: PostingDraft): Account => {
  if (amountMinor <= 0n) throw new RangeError('A posting must be above zero')
  const grows = side === normalSideOf(account.type)
  refuseIfBarred(account, grows && onlyIfOpen !== true)
  return { ...account, postedMinor: account.postedMinor + (grows ? amountMinor : -amountMinor) }
}

const reserve = (account: Account, { direction, amountMinor }: Reservation): Account => {
  refuseIfBarred(account, direction === 'in' || amountMinor < 0n)
  const field = direction === 'in' ? 'pendingInMinor' : 'pendingOutMinor'
  const after = account[field] + amountMinor
  if (after < 0n) throw new RangeError('More is let go than was set aside')
  return { ...account, [field]: after }
}

export const normalSideOf = (type: AccountType): Side => (type === 'asset' || type === 'expense' ? 'debit' : 'credit')

const refuseIfBarred = ({ _id, status }: Account, mayBeFrozen: boolean): void => {
  if (status === 'closed') throw refuse('wallet_closed', { wallet_id: _id })
  if (status === 'frozen' && !mayBeFrozen) throw refuse('wallet_frozen', { wallet_id: _id })
}

// An account that is beyond a limit already, because the limit is new, may still move towards it.
const refuseBeyondLimits = (before: Account | undefined, after: Account): void => {
  if (!before) return
  const { availableFloorMinor: floor, postedCeilingMinor: ceiling, currency } = after
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  const [had, has] = [availableOf(before), availableOf(after)]
  if (floor !== null && has < floor && has < had)
    throw refuse('insufficient_funds', {
      wallet_id: after._id,
      available: wire(had - floor),
      requested: wire(had - has),
      shortage: wire(floor - has),
    })
  if (ceiling !== null && after.postedMinor > ceiling && after.postedMinor > before.postedMinor)
    throw refuse('balance_limit', { wallet_id: after._id, limit: wire(ceiling) })
}

const assertBalanced = (postings: readonly Posting[], reservations: readonly Reservation[]): void => {
  const sums = new Map<string, bigint>()
  for (const { currency, side, amountMinor } of postings)
    sums.set(currency, (sums.get(currency) ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor))
  const holdsOnly = postings.length === 0 && reservations.length > 0
  if ((postings.length < 2 && !holdsOnly) || [...sums.values()].some((sum) => sum !== 0n))
    throw new Error('The entry does not balance')
}
