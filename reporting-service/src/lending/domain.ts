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

/** Where each running loan stood on a day: by the newest of what counts from that day or before. */
export const standingsOn = (loans: readonly PaidOut[], states: readonly LoanState[], day: string): LoanStanding[] => {
  const newest = new Map<string, LoanState>()
  for (const state of states) {
    if (state.on > day) continue
    const known = newest.get(state.loanId)
    if (!known || state.on > known.on || (state.on === known.on && state.at >= known.at))
      newest.set(state.loanId, state)
  }
  return loans.flatMap((loan) => {
    const state = newest.get(loan._id)
    if (!state) return []
    const due = state.oldestUnpaidDueOn
    const daysLate = due === null ? 0 : Math.max(0, Math.round((Date.parse(day) - Date.parse(due)) / DAY_MS))
    return [{ loan, state, daysLate: state.status === 'ACTIVE' ? daysLate : 0 }]
  })
}

export type Risk = { loans: number; principalMinor: bigint; lateMinor: Record<30 | 60 | 90, bigint> }

/** The principal at risk: of loans late by more than so many days, all that is outstanding of them. */
export const riskOf = (standings: readonly LoanStanding[]): Risk => {
  const running = standings.filter(({ state }) => state.status === 'ACTIVE')
  const sum = (some: readonly LoanStanding[]) =>
    some.reduce((total, { state }) => total + BigInt(state.principalMinor), 0n)
  const beyond = (days: number) => sum(running.filter(({ daysLate }) => daysLate > days))
  return {
    loans: running.length,
    principalMinor: sum(running),
    lateMinor: { 30: beyond(30), 60: beyond(60), 90: beyond(90) },
  }
}
