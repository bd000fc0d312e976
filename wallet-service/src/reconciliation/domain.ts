import { toWireAmount } from '@countinghouse/shared/money'
import { parseHouseAccountId } from '../ledger/chart.js'
import { normalSideOf, type Account, type Entry } from '../ledger/domain.js'

/** Something that the journal says otherwise. */
export type Difference = { code: string; message: string; id: string }

/** What entries come to: debits less credits, and what is set aside on its way in and out. */
export type Derived = { debitMinor: bigint; inMinor: bigint; outMinor: bigint }

/** In what a stored account differs from the journal; either may not know it at all. */
export const compareAccount = (
  id: string,
  derived: Derived | undefined,
  account: Account | undefined,
): Difference[] => {
  const type = account?.type ?? parseHouseAccountId(id)?.type ?? 'liability'
  const sign = normalSideOf(type) === 'debit' ? 1n : -1n
  const compared = [
    ['postedMinor', sign * (derived?.debitMinor ?? 0n), account?.postedMinor],
    ['pendingInMinor', derived?.inMinor ?? 0n, account?.pendingInMinor],
    ['pendingOutMinor', derived?.outMinor ?? 0n, account?.pendingOutMinor],
  ] as const
  return compared.flatMap(([field, expected, actual = 0n]) => {
    const message = `Account ${id} has ${field} ${actual}, but the journal comes to ${expected}`
    return expected === actual ? [] : [{ code: 'balance_differs', message, id }]
  })
}

/** Compares what is still set aside for a hold: as the journal's reservations come to, and as the hold says. */
export const compareHold = (id: string, expected: bigint, actual: bigint): Difference[] => {
  const message = `Hold ${id} has ${actual} left, but the journal comes to ${expected}`
  return expected === actual ? [] : [{ code: 'hold_differs', message, id }]
}

export type Sums = { currency: string; walletsMinor: bigint; houseMinor: bigint }

/** Adds an account to what wallets and house come to in its currency. */
export const addTo = (sums: Map<string, Sums>, { kind, type, currency, postedMinor }: Account): void => {
  const sum = sums.get(currency) ?? { currency, walletsMinor: 0n, houseMinor: 0n }
  const debitMinor = normalSideOf(type) === 'debit' ? postedMinor : -postedMinor
  if (kind === 'wallet') sum.walletsMinor -= debitMinor
  else sum.houseMinor += debitMinor
  sums.set(currency, sum)
}

/** The control total: what the wallets hold is what the house's own accounts say it owes them. */
export const compareControlTotals = (sums: readonly Sums[]): Difference[] =>
  sums.flatMap(({ currency, walletsMinor, houseMinor }) => {
    const message = `The wallets hold ${walletsMinor} minor units of ${currency}, but the house's accounts come to ${houseMinor}`
    return walletsMinor === houseMinor ? [] : [{ code: 'control_total_differs', message, id: currency }]
  })

/** A stored answer, by the id of its idempotency key. */
export type Answered = { id: string; body: unknown }

/** An entry that an answer says was made, and for how much if it says so. */
export type NamedEntry = { answerId: string; entryId: string; amount: number | undefined }

type Fields = Readonly<Record<string, unknown>>

/** The entries that an answer names. Those of the ledger's own routes are known by their shape; others name none. */
export const entriesNamedBy = ({ id: answerId, body }: Answered): NamedEntry[] => {
  const fields = (body ?? {}) as Fields
  const named = (entryId: unknown, amount?: unknown): NamedEntry[] =>
    typeof entryId === 'string' ? [{ answerId, entryId, amount: typeof amount === 'number' ? amount : undefined }] : []
  const isCash = 'wallet' in fields && (fields['kind'] === 'credit' || fields['kind'] === 'debit')
  const isTransfer = 'from_wallet_id' in fields && 'to_wallet_id' in fields
  if (isCash || isTransfer) return named(fields['id'], fields['amount'])
  const results = 'wallets' in fields && Array.isArray(fields['results']) ? (fields['results'] as Fields[]) : []
  return results.filter(({ status }) => status === 'posted').flatMap(({ id }) => named(id))
}

/** In what an answer contradicts the entry it names. */
export const compareAnswer = ({ answerId, entryId, amount }: NamedEntry, entry: Entry | undefined): Difference[] => {
  if (!entry) {
    const message = `The answer ${answerId} names entry ${entryId}, which is not in the journal`
    return [{ code: 'answer_without_entry', message, id: answerId }]
  }
  const [posting] = entry.postings
  const entered = posting && toWireAmount(posting.amountMinor, posting.currency)
  const message = `The answer ${answerId} says ${String(amount)}, but entry ${entryId} is for ${String(entered)}`
  return amount === undefined || amount === entered ? [] : [{ code: 'answer_differs', message, id: answerId }]
}
