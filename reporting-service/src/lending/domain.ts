/** A loan as one of its events left it. */
export type LoanState = {
  _id: string
  loanId: string
  /** The day from which it counts, and when it became known. */
  on: string
  at: Date
  status: string
  principalMinor: bigint
  oldestUnpaidDueOn: string | null
}

/** A loan that was paid out. */
export type PaidOut = { _id: string; amountMinor: bigint; currency: string; activatedOn: string | null }

export type LoanStanding = { loan: PaidOut; state: LoanState; daysLate: number }

const DAY_MS = 86_400_000

/** Where each loan that was paid out stood on a day: by the newest of what counts from that day or before. */
export const standingsOn = (loans: readonly PaidOut[], states: readonly LoanState[], day: string): LoanStanding[] => {
  const newest = new Map<string, LoanState>()
  for (const state of states) {
    if (state.on > day) continue
    const known = newest.get(state.loanId)
    if (!known || isNewer(state, known)) newest.set(state.loanId, state)
  }
  return loans.flatMap((loan) => {
    const state = newest.get(loan._id)
    if (!state) return []
    const due = state.oldestUnpaidDueOn
    const daysLate = due === null ? 0 : Math.max(0, Math.round((Date.parse(day) - Date.parse(due)) / DAY_MS))
    return [{ loan, state, daysLate: state.status === 'ACTIVE' ? daysLate : 0 }]
  })
}

const isNewer = (state: LoanState, than: LoanState): boolean => {
  if (state.on !== than.on) return state.on > than.on
  const later = state.at.getTime() - than.at.getTime()
  return later === 0 ? sequenceOf(state) > sequenceOf(than) : later > 0
}

/** What happens to a loan at one moment has numbers; a night has none. */
const sequenceOf = ({ _id }: LoanState): number => Number(_id.slice(_id.lastIndexOf(' ') + 1)) || 0

const LATE_BY = [0, 30, 60, 90] as const

/** Loans together; of those late by more than so many days, all that is outstanding is at risk. */
export type Risk = Record<'loans' | 'running' | 'late' | 'closed' | 'writtenOff', number> & {
  paidOutMinor: bigint
  principalMinor: bigint
  lateMinor: Record<(typeof LATE_BY)[number], bigint>
}

export const noRisk = (): Risk => ({
  ...{ loans: 0, running: 0, late: 0, closed: 0, writtenOff: 0 },
  ...{ paidOutMinor: 0n, principalMinor: 0n, lateMinor: { 0: 0n, 30: 0n, 60: 0n, 90: 0n } },
})

/** Counts one more. */
export const addTo = (risk: Risk, { loan, state: { status, principalMinor }, daysLate }: LoanStanding): void => {
  risk.loans += 1
  risk.paidOutMinor += BigInt(loan.amountMinor)
  if (status === 'CLOSED') risk.closed += 1
  if (status === 'WRITTEN_OFF') risk.writtenOff += 1
  if (status !== 'ACTIVE') return
  risk.running += 1
  risk.principalMinor += BigInt(principalMinor)
  if (daysLate > 0) risk.late += 1
  for (const days of LATE_BY) if (daysLate > days) risk.lateMinor[days] += BigInt(principalMinor)
}
