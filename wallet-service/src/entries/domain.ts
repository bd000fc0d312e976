import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../errors.js'
import { namesOf, type Fact } from '../ledger/documents.js'
import type { EntryDraft, Side } from '../ledger/domain.js'

export type Leg = { accountId: string; side: Side; amountMinor: bigint; currency: string }

export type Order = {
  legs: readonly Leg[]
  description: string
  /** What a service enters it for; what people enter by hand is a fact of its own. */
  fact: Fact | undefined
}

/** An entry of any number of legs; refused unless debits equal credits in each currency. */
export const orderedEntry = (
  { legs, description, fact }: Order,
  { entryId, actor }: { entryId: string; actor: string },
): EntryDraft => {
  for (const currency of new Set(legs.map((leg) => leg.currency))) refuseUnbalanced(legs, currency)
  const byHand = { key: `hand:${entryId}`, kind: 'manual', reference: { kind: 'manual', id: entryId } }
  return {
    entryId,
    ...(fact ? namesOf(fact) : byHand),
    actor,
    description,
    postings: legs.map(({ accountId, side, amountMinor }) => ({ accountId, side, amountMinor })),
  }
}

const refuseUnbalanced = (legs: readonly Leg[], currency: string): void => {
  const [debits, credits] = [sumOf(legs, 'debit', currency), sumOf(legs, 'credit', currency)]
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  if (debits !== credits) throw refuse('entry_unbalanced', { currency, debits: wire(debits), credits: wire(credits) })
}

const sumOf = (legs: readonly Leg[], side: Side, currency: string): bigint =>
  legs.reduce((sum, leg) => (leg.side === side && leg.currency === currency ? sum + leg.amountMinor : sum), 0n)
