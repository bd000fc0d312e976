import type { Day } from './days.js'
import type { LoanEvent } from './events.js'
import { fold } from './fold.js'
import type { LoanState } from './state.js'
import type { Terms } from './terms.js'

export type Preview = { before: LoanState; after: LoanState; interestSavedMinor: bigint }

/** What an event would change: the loan before and after it, and how much less interest would follow. */
export const previewOf = (terms: Terms, events: readonly LoanEvent[], event: LoanEvent, asOf: Day): Preview => {
  const before = fold(terms, events, asOf)
  const after = fold(terms, [...events, event], asOf)
  return { before, after, interestSavedMinor: interestOf(before) - interestOf(after) }
}

const interestOf = ({ instalments }: LoanState): bigint => instalments.reduce((sum, { due }) => sum + due.interest, 0n)
