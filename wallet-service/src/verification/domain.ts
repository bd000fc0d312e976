import { parseHouseAccountId } from '../ledger/chart.js'
import { normalSideOf, type Account, type Entry, type Side } from '../ledger/domain.js'
import { WALLETS, type LedgerLine } from '../ledger/lines.js'

/** Something in the books that is not as it was entered, named so that a person finds it. */
export type Problem = {
  code: string
  message: string
  height?: number
  entryId?: string
  accountId?: string
}

export type Derived = { currency: string; postedMinor: bigint; pendingInMinor: bigint; pendingOutMinor: bigint }

/** The balances as the journal alone says they are. */
export type Tally = {
  readonly accounts: Map<string, Derived>
  /** Debits less credits per currency, over all entries; nothing but zero is right. */
  readonly imbalanceMinor: Map<string, bigint>
}

export const emptyTally = (): Tally => ({ accounts: new Map(), imbalanceMinor: new Map() })

const growingSide = (accountId: string): Side => normalSideOf(parseHouseAccountId(accountId)?.type ?? 'liability')

/** Adds an entry to the tally, and answers in what it contradicts what came before it. */
export const tallyEntry = ({ accounts, imbalanceMinor }: Tally, entry: Entry & { height: number }): Problem[] => {
  const { _id: entryId, height, postings, reservations } = entry
  const problems: Problem[] = []
  const sums = new Map<string, bigint>()
  const accountOf = (accountId: string, currency?: string): Derived => {
    const known = accounts.get(accountId) ?? { currency: '', postedMinor: 0n, pendingInMinor: 0n, pendingOutMinor: 0n }
    if (currency !== undefined) known.currency = currency
    accounts.set(accountId, known)
    return known
  }
  for (const { accountId, side, amountMinor, currency, balanceAfterMinor } of postings) {
    const account = accountOf(accountId, currency)
    const expected = account.postedMinor + (side === growingSide(accountId) ? amountMinor : -amountMinor)
    if (expected !== balanceAfterMinor) {
      const message = `Entry ${entryId} leaves ${accountId} at ${balanceAfterMinor}, but the journal comes to ${expected}`
      problems.push({ code: 'balance_after_wrong', message, height, entryId, accountId })
    }
    // The tally goes on from what the entry says, so that one change is named once, and not by every entry after it.
    account.postedMinor = balanceAfterMinor
    sums.set(currency, (sums.get(currency) ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor))
  }
  for (const { accountId, direction, amountMinor } of reservations)
    accountOf(accountId)[direction === 'in' ? 'pendingInMinor' : 'pendingOutMinor'] += amountMinor
  for (const [currency, sum] of sums) {
    imbalanceMinor.set(currency, (imbalanceMinor.get(currency) ?? 0n) + sum)
    if (sum === 0n) continue
    const message = `Entry ${entryId} is out by ${sum} minor units of ${currency}`
    problems.push({ code: 'entry_unbalanced', message, height, entryId })
  }
  return problems
}

const FIELDS = ['postedMinor', 'pendingInMinor', 'pendingOutMinor'] as const

/** In what a stored account differs from what the journal says; what is set aside is known only from the beginning on. */
export const compareAccount = ({ accounts }: Tally, account: Account, isWhole: boolean): Problem[] => {
  const { _id: accountId } = account
  const derived = accounts.get(accountId)
  return FIELDS.slice(0, isWhole ? FIELDS.length : 1)
    .filter((field) => account[field] !== (derived?.[field] ?? 0n))
    .map((field) => ({
      code: 'account_differs',
      message: `Account ${accountId} has ${field} ${account[field]}, but the journal comes to ${derived?.[field] ?? 0n}`,
      accountId,
    }))
}

/** The tally as the lines of a trial balance, all wallets of a currency in one: what was there before, and what came since. */
export const toLines = (
  { accounts }: Tally,
  opened: ReadonlyMap<string, Derived> = new Map(),
  before: readonly LedgerLine[] = [],
): LedgerLine[] => {
  const lines = new Map(before.map((line) => [`${line.account} ${line.currency}`, line]))
  for (const [accountId, { currency, postedMinor }] of accounts) {
    if (currency === '') continue
    const account = parseHouseAccountId(accountId) ? accountId : WALLETS
    const key = `${account} ${currency}`
    const moved = postedMinor - (opened.get(accountId)?.postedMinor ?? 0n)
    const debitMinor = growingSide(accountId) === 'debit' ? moved : -moved
    lines.set(key, { account, currency, debitMinor: debitMinor + (lines.get(key)?.debitMinor ?? 0n) })
  }
  return [...lines.values()]
}
