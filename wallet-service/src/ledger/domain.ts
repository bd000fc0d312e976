import { toWireAmount } from '@countinghouse/shared/money'
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
  /** The least that may stay available; null for no limit. */
  availableFloorMinor: bigint | null
  version: number
  openedAt: Date
}

export type PostingDraft = {
  accountId: string
  side: Side
  amountMinor: bigint
  /** Refused unless the account is open: for money that must not land in a frozen wallet. */
  onlyIfOpen?: true
}

/** An entry as asked for. Its `key` names the business fact, and no fact is ever entered twice. */
export type EntryDraft = {
  entryId: string
  key: string
  kind: string
  reference: { kind: string; id: string }
  postings: readonly PostingDraft[]
  actor: string
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
export type Entry = Omit<EntryDraft, 'entryId' | 'postings'> & { _id: string; postings: Posting[]; postedAt: Date }

/** An entry, and the accounts it touches as it leaves them. */
export type Posted = { entry: Entry; accounts: Accounts }

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

/** Posts a draft to the accounts as they stand, or refuses it; the accounts given are not changed. */
export const decideEntry = (draft: EntryDraft, accounts: Accounts, now: Date): Posted => {
  const after = new Map<string, Account>()
  const postings = draft.postings.map((posting): Posting => {
    const account = after.get(posting.accountId) ?? accounts.get(posting.accountId)
    if (!account) throw refuse('account_not_found', { account_id: posting.accountId })
    const changed = post(account, posting)
    after.set(account._id, changed)
    return {
      accountId: account._id,
      side: posting.side,
      amountMinor: posting.amountMinor,
      currency: account.currency,
      balanceAfterMinor: changed.postedMinor,
    }
  })
  assertBalanced(postings)
  const { entryId, key, kind, reference, actor } = draft
  return { entry: { _id: entryId, key, kind, reference, actor, postings, postedAt: now }, accounts: after }
}

const post = (account: Account, { side, amountMinor, onlyIfOpen }: PostingDraft): Account => {
  if (amountMinor <= 0n) throw new RangeError('A posting must be above zero')
  const grows = side === normalSideOf(account.type)
  refuseIfBarred(account, grows && onlyIfOpen !== true)
  const changed = {
    ...account,
    postedMinor: account.postedMinor + (grows ? amountMinor : -amountMinor),
    version: account.version + 1,
  }
  refuseIfBelowFloor(account, changed, amountMinor)
  return changed
}

export const normalSideOf = (type: AccountType): Side => (type === 'asset' || type === 'expense' ? 'debit' : 'credit')

const refuseIfBarred = ({ _id, status }: Account, mayBeFrozen: boolean): void => {
  if (status === 'closed') throw refuse('wallet_closed', { wallet_id: _id })
  if (status === 'frozen' && !mayBeFrozen) throw refuse('wallet_frozen', { wallet_id: _id })
}

const refuseIfBelowFloor = (before: Account, after: Account, requestedMinor: bigint): void => {
  const floor = before.availableFloorMinor
  if (floor === null || availableOf(after) >= floor || after.postedMinor >= before.postedMinor) return
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, before.currency)
  const spendable = availableOf(before) - floor
  throw refuse('insufficient_funds', {
    wallet_id: before._id,
    available: wire(spendable),
    requested: wire(requestedMinor),
    shortage: wire(requestedMinor - spendable),
  })
}

const assertBalanced = (postings: readonly Posting[]): void => {
  const sums = new Map<string, bigint>()
  for (const { currency, side, amountMinor } of postings)
    sums.set(currency, (sums.get(currency) ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor))
  if (postings.length < 2 || [...sums.values()].some((sum) => sum !== 0n)) throw new Error('The entry does not balance')
}
