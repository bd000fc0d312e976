import { entryBetween, NO_BALANCES, type Balances, type BookLine } from '../../engine/balances.js'
import type { Happening, LoanEvent } from '../../engine/events.js'
import { fold } from '../../engine/fold.js'
import { assertTakes } from '../../engine/guard.js'
import type { LoanState } from '../../engine/state.js'
import type { Loan, LoanSummary } from './loan.js'
import { assertTakesStep, takeStep, type Taken } from './steps.js'
import { toTerms } from './terms.js'

/** One dated fact in the life of a loan, never changed or removed; `key` names the business fact behind it. */
export type LoanEventRow = {
  _id: string
  loanId: string
  sequence: number
  on: string
  happening: Happening
  key: string
  actor: string
  reason: string | null
  recordedAt: Date
}

/** Something that happened to a loan, with value from a day. */
export type Fact = Taken & {
  happening: Happening
  on: string
  key: string
  /** What the ledger has posted for it already, because the borrower's wallet moved. */
  moved?: readonly BookLine[]
}

/** A balanced entry that the books are owed. */
export type DueEntry = { step: string; lines: BookLine[] }

export type Recorded = { loan: Loan; row: LoanEventRow; state: LoanState; entries: DueEntry[] }

/** The loan with one more fact, folded anew, and what the books must be told; refuses what the loan does not take. */
export const recordFact = (
  loan: Loan,
  events: readonly LoanEvent[],
  fact: Fact,
  { today, changes = {} }: { today: string; changes?: Partial<Loan> },
): Recorded => {
  assertTakesStep(loan, fact.step)
  const terms = toTerms(loan)
  const before = fold(terms, events, today)
  // What moved money has happened, whatever else has since.
  if (!fact.moved) assertTakes(before, fact.happening, loan.currency)
  const row = rowOf(loan, fact)
  const state = fold(terms, [...events, toEvent(row)], today)
  const kept = { ...changes, eventCount: row.sequence, booked: state.balances, summary: summaryOf(state) }
  return {
    loan: takeStep(loan, fact, kept, state.status === 'UNDISBURSED' ? undefined : state.status),
    row,
    state,
    entries: entriesFor(row, loan.booked ?? NO_BALANCES, [before.balances, state.balances], fact.moved ?? []),
  }
}

// What the days brought by themselves is posted first, so that an entry of an event shows nothing but the event.
const entriesFor = (
  { sequence, happening }: LoanEventRow,
  booked: Balances,
  [before, after]: [Balances, Balances],
  moved: readonly BookLine[],
): DueEntry[] =>
  [
    { step: `${sequence.toString()}:accrual`, lines: entryBetween(booked, before) },
    { step: `${sequence.toString()}:${happening.kind}`, lines: entryBetween(withLines(before, moved), after) },
  ].filter(({ lines }) => lines.length > 0)

/** What reaches the borrower's wallet when the loan is paid out: the principal less what is kept back of it. */
export const payoutMinorOf = (loan: Loan, on: string): bigint => {
  const happening = { kind: 'disbursed', amountMinor: loan.amountMinor } as const
  return -fold(toTerms(loan), [{ id: 'disbursement', sequence: 1, on, ...happening }], on).balances.wallet
}

export const toEvent = ({ _id, sequence, on, happening }: LoanEventRow): LoanEvent => ({
  id: _id,
  sequence,
  on,
  ...happening,
})

const rowOf = (loan: Loan, { happening, on, key, by, at, reason = null }: Fact): LoanEventRow => {
  const sequence = loan.eventCount + 1
  const id = `${loan._id}:${sequence.toString()}`
  return { _id: id, loanId: loan._id, sequence, on, happening, key, actor: by, reason, recordedAt: at }
}

/** The balances after some lines are posted. */
const withLines = (balances: Readonly<Balances>, lines: readonly BookLine[]): Balances => {
  const sum = { ...balances }
  for (const { account, side, amountMinor } of lines) sum[account] += side === 'debit' ? amountMinor : -amountMinor
  return sum
}

export const summaryOf = ({ owed, instalments, asOf }: LoanState): LoanSummary => {
  const unpaid = instalments.find(({ openMinor, status }) => openMinor > 0n && status !== 'RESCHEDULED')
  return {
    principalOutstandingMinor: owed.principal,
    oldestUnpaidDueOn: unpaid?.dueDate ?? null,
    lastDueOn: instalments.at(-1)?.dueDate ?? '',
    asOf,
  }
}
