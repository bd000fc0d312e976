import { fold } from '../engine/fold.js'
import type { LoanState } from '../engine/state.js'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Loan } from './domain/loan.js'
import { toTerms } from './domain/terms.js'
import { findEventsOf } from './store/events.js'

/** Where the loans that were paid out stand at the end of a day, by their ids. */
export const standingsOf = async (
  reads: Reads,
  loans: readonly Loan[],
  on: string,
): Promise<ReadonlyMap<string, LoanState>> => {
  const running = loans.filter(({ eventCount }) => eventCount > 0)
  const events = await findEventsOf(
    reads,
    running.map(({ _id }) => _id),
  )
  return new Map(running.map((loan) => [loan._id, fold(toTerms(loan), events.get(loan._id) ?? [], on)]))
}
