import { entryBetween, NO_BALANCES, type Balances, type BookLine } from './balances.js'
import { toDay, type Day } from './days.js'
import type { LoanEvent } from './events.js'
import { replay } from './fold.js'
import type { Terms } from './terms.js'

/** One balanced entry: of an event, or of what the days since the last entry brought by themselves. */
export type JournalEntry = {
  on: Day
  kind: LoanEvent['kind'] | 'accrual'
  eventId: string | null
  lines: BookLine[]
  /** What is owed after it. */
  outstandingMinor: bigint
}

/** All entries of a loan up to a day, by value date: what its books come to, and its statement. */
export const journalOf = (terms: Terms, events: readonly LoanEvent[], asOf: Day): JournalEntry[] => {
  const entries: JournalEntry[] = []
  let before: Balances = { ...NO_BALANCES }
  replay(terms, events, asOf, ({ balances, day }, event) => {
    const lines = entryBetween(before, balances)
    before = { ...balances }
    if (lines.length === 0) return
    const kind = event?.kind ?? 'accrual'
    entries.push({ on: toDay(day), kind, eventId: event?.id ?? null, lines, outstandingMinor: outstandingOf(balances) })
  })
  return entries
}

const outstandingOf = (balances: Balances): bigint =>
  balances.loans_receivable + balances.interest_receivable + balances.fees_receivable + balances.penalties_receivable
