import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import type { EntryDraft, Side } from '../ledger/domain.js'

export type HandPosting = { accountId: string; side: Side; amountMinor: bigint; currency: string }

/** An entry made by hand; refused unless debits equal credits in each currency. */
export const handEntry = (
  postings: readonly HandPosting[],
  description: string,
  { entryId, actor }: { entryId: string; actor: string },
): EntryDraft => {
  for (const currency of new Set(postings.map((posting) => posting.currency))) refuseUnbalanced(postings, currency)
  return {
    entryId,
    key: `hand:${entryId}`,
    kind: 'manual',
    reference: { kind: 'manual', id: entryId },
    actor,
    description,
    postings: postings.map(({ accountId, side, amountMinor }) => ({ accountId, side, amountMinor })),
  }
}

const refuseUnbalanced = (postings: readonly HandPosting[], currency: string): void => {
  const [debits, credits] = [sumOf(postings, 'debit', currency), sumOf(postings, 'credit', currency)]
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  if (debits !== credits) throw refuse('entry_unbalanced', { currency, debits: wire(debits), credits: wire(credits) })
}

const sumOf = (postings: readonly HandPosting[], side: Side, currency: string): bigint =>
  postings.reduce(
    (sum, posting) => (posting.side === side && posting.currency === currency ? sum + posting.amountMinor : sum),
    0n,
  )
