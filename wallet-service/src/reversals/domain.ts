import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import type { Entry, EntryDraft, Posting } from '../ledger/domain.js'

/** How much of an entry is not reversed yet; its id is the entry's. There is none before the first reversal. */
export type Reversal = { _id: string; remainingMinor: bigint }

export type AskedReversal = { amountMinor: bigint | undefined; reason: string }

/** Undoes an entry, in full or, when it has two postings, in part; never more than it posted. */
export const reverseEntry = (
  original: Entry,
  before: Reversal | undefined,
  { amountMinor, reason }: AskedReversal,
  by: { entryId: string; actor: string },
): { reversal: Reversal; draft: EntryDraft } => {
  const { _id, kind, postings } = original
  if (kind === 'reversal' || postings.length === 0) throw refuse('not_reversible', { kind })
  const remaining = before?.remainingMinor ?? debitsOf(postings)
  if (remaining === 0n) throw refuse('already_reversed', { entry_id: _id })
  if (amountMinor !== undefined) refuseBeyond(postings, amountMinor, remaining)
  const reversed = amountMinor ?? remaining
  const mirrored = postings.map(({ accountId, side, amountMinor: posted }) => ({
    accountId,
    side: side === 'debit' ? ('credit' as const) : ('debit' as const),
    amountMinor: postings.length === 2 ? reversed : posted,
  }))
  const reference = { kind: 'reversal', id: _id }
  return {
    reversal: { _id, remainingMinor: remaining - reversed },
    draft: {
      ...by,
      kind: 'reversal',
      reference,
      description: reason,
      postings: mirrored,
    },
  }
}

const refuseBeyond = (postings: readonly Posting[], amountMinor: bigint, remaining: bigint): void => {
  if (postings.length !== 2) throw refuse('not_divisible', { postings: postings.length })
  const wire = (minor: bigint) => toWireAmount(minor, currencyOf(postings))
  if (amountMinor > remaining)
    throw refuse('exceeds_entry', { remaining: wire(remaining), requested: wire(amountMinor) })
}

export const currencyOf = ([first]: readonly Posting[]): string => first?.currency ?? ''

/** What an entry moves, in all its currencies. */
const debitsOf = (postings: readonly Posting[]): bigint =>
  postings.reduce((sum, { side, amountMinor }) => (side === 'debit' ? sum + amountMinor : sum), 0n)
