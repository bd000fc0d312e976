import { toDay, toDayNumber, type Day } from './days.js'
import type { LoanEvent } from './events.js'
import { fold } from './fold.js'
import type { Parts } from './state.js'
import type { Terms } from './terms.js'

const DAYS = 10

export type PayoffQuote = {
  on: Day
  /** What is owed on the day, interest to the day. */
  parts: Parts
  totalMinor: bigint
  /** What waiting one day more costs. */
  perDiemMinor: bigint
  /** The last day whose figure is given. */
  validUntil: Day
  days: { on: Day; totalMinor: bigint }[]
}

/** What pays a loan off on a day and on each of the nine after it; paying the figure of a day on that day closes it. */
export const payoffQuote = (terms: Terms, events: readonly LoanEvent[], on: Day): PayoffQuote => {
  const first = toDayNumber(on)
  const states = Array.from({ length: DAYS }, (_, index) => fold(terms, events, toDay(first + index)))
  const [today, tomorrow] = [states[0], states[1]]
  if (!today || !tomorrow) throw new RangeError('a quote has at least two days')
  return {
    on,
    parts: today.owed,
    totalMinor: today.outstandingMinor,
    perDiemMinor: tomorrow.outstandingMinor - today.outstandingMinor,
    validUntil: toDay(first + DAYS - 1),
    days: states.map(({ asOf, outstandingMinor }) => ({ on: asOf, totalMinor: outstandingMinor })),
  }
}
