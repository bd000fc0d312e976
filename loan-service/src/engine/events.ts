import type { Day } from './days.js'
import type { Frequency, Grace, InterestMethod, Part } from './terms.js'

/** What to do with money above what is due: pay the next instalments ahead, or pay principal off and re-solve the rest. */
export type Excess = 'next_instalment' | 'reduce_term' | 'reduce_instalment'

/** What a rescheduling agrees anew; what is left out stays. */
export type NewTerms = {
  firstDueDate: Day
  instalments: number
  annualRate?: string
  method?: InterestMethod
  frequency?: Frequency
  grace?: Grace
}

export type Happening =
  | { kind: 'disbursed'; amountMinor: bigint }
  | { kind: 'repaid'; amountMinor: bigint; excess: Excess }
  | { kind: 'charged'; part: 'fees' | 'penalties'; amountMinor: bigint }
  | { kind: 'waived'; part: Exclude<Part, 'principal'>; amountMinor: bigint }
  | { kind: 'rescheduled'; terms: NewTerms }
  | { kind: 'reversed'; eventId: string }
  | { kind: 'written_off' }
  | { kind: 'recovered'; amountMinor: bigint }
  | { kind: 'write_off_undone'; eventId: string }
  | { kind: 'credit_refunded'; amountMinor: bigint }

/** A fact in the life of a loan: `on` is its value date, `sequence` the order in which facts of one day count. */
export type LoanEvent = { id: string; sequence: number; on: Day } & Happening

/** What stands: without the events that were undone and without the undoing, by value date, then sequence. */
export const standing = (events: readonly LoanEvent[]): LoanEvent[] => {
  const undone = new Set<string>()
  const latestFirst = events.toSorted((one, other) => other.sequence - one.sequence)
  for (const event of latestFirst) {
    if (undone.has(event.id)) continue
    if (event.kind === 'reversed' || event.kind === 'write_off_undone') undone.add(event.eventId)
  }
  return latestFirst
    .filter(({ id, kind }) => !undone.has(id) && kind !== 'reversed' && kind !== 'write_off_undone')
    .sort((one, other) => (one.on < other.on ? -1 : one.on > other.on ? 1 : one.sequence - other.sequence))
}
