import { fold } from '../engine/fold.js'
import type { LoanState } from '../engine/state.js'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Loan } from './domain/loan.js'
import { toTerms } from './domain/terms.js'
import { findEventsOf } from './store/events.js'

/** Where a loan stands, without its instalments and how it came there. */
export type Standing = Pick<
  LoanState,
  | 'status'
  | 'owed'
  | 'outstandingMinor'
  | 'dueNowMinor'
  | 'creditBalanceMinor'
  | 'nextDue'
  | 'daysPastDue'
  | 'restructuredOn'
  | 'writtenOffOn'
>

const KEPT_AT_MOST = 20_000

/**
 * Where the loans that were paid out stand at the end of a day, by their ids. What a version of a loan comes to on a day
 * never changes, so it is folded once.
 */
export const createStandings = () => {
  const known = new Map<string, Standing>()
  return async (reads: Reads, loans: readonly Loan[], on: string): Promise<ReadonlyMap<string, Standing>> => {
    const nameOf = ({ _id, version }: Loan) => `${on} ${version.toString()} ${_id}`
    const standings = new Map<string, Standing>()
    const unknown: Loan[] = []
    for (const loan of loans.filter(({ eventCount }) => eventCount > 0)) {
      const standing = known.get(nameOf(loan))
      if (standing) standings.set(loan._id, standing)
      else unknown.push(loan)
    }
    for (const [loan, standing] of await foldAll(reads, unknown, on)) {
      standings.set(loan._id, standing)
      keep(known, nameOf(loan), standing)
    }
    return standings
  }
}

const keep = (known: Map<string, Standing>, name: string, standing: Standing): void => {
  const [oldest] = known.keys()
  if (known.size >= KEPT_AT_MOST && oldest !== undefined) known.delete(oldest)
  known.set(name, standing)
}

const foldAll = async (reads: Reads, loans: readonly Loan[], on: string): Promise<[Loan, Standing][]> => {
  const events = await findEventsOf(
    reads,
    loans.map(({ _id }) => _id),
  )
  return loans.map((loan) => {
    // What was recorded since the loan was read is of its next version.
    const own = (events.get(loan._id) ?? []).filter(({ sequence }) => sequence <= loan.eventCount)
    return [loan, toStanding(fold(toTerms(loan), own, on))]
  })
}

const toStanding = (state: LoanState): Standing => ({
  status: state.status,
  owed: state.owed,
  outstandingMinor: state.outstandingMinor,
  dueNowMinor: state.dueNowMinor,
  creditBalanceMinor: state.creditBalanceMinor,
  nextDue: state.nextDue,
  daysPastDue: state.daysPastDue,
  restructuredOn: state.restructuredOn,
  writtenOffOn: state.writtenOffOn,
})
