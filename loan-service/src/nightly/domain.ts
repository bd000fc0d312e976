import { formatAmount } from '@countinghouse/shared/money'
import { entryBetween, NO_BALANCES, type BookLine } from '../engine/balances.js'
import { toDayNumber } from '../engine/days.js'
import type { LoanEvent } from '../engine/events.js'
import { fold } from '../engine/fold.js'
import type { LoanState } from '../engine/state.js'
import { summaryOf, type DueEntry } from '../loans/domain/fact.js'
import type { Loan, LoanNight } from '../loans/domain/loan.js'
import { toTerms } from '../loans/domain/terms.js'

export type Night = {
  day: string
  /** Of a night that is caught up with nobody is reminded: the latest one knows better. */
  isLatest: boolean
  /** So many days before an instalment falls due, its borrower is told. */
  remindDaysBefore: number
}

export type Charges = { feesMinor: bigint; penaltiesMinor: bigint }

export type Reminder = { subject: string; text: string }

/** A running loan after a night: what the days brought is in its books, and told to whom it concerns. */
export type Aged = {
  loan: Loan
  state: LoanState
  entry: DueEntry | undefined
  charged: Charges
  /** More than interest happened: an instalment fell due, a charge was raised, or the loan is late in another degree. */
  isNews: boolean
  reminder: Reminder | undefined
}

export const ageLoan = (loan: Loan, events: readonly LoanEvent[], night: Night): Aged => {
  const state = fold(toTerms(loan), events, night.day)
  // A fact that was recorded since has brought the books further than this night would.
  const isBehind = (loan.summary?.asOf ?? '') < night.day
  const lines = isBehind ? entryBetween(loan.booked ?? NO_BALANCES, state.balances) : []
  const charged = { feesMinor: incomeIn(lines, 'fee_income'), penaltiesMinor: incomeIn(lines, 'penalty_income') }
  const due = night.isLatest ? reminderDue(loan.night, state, night.remindDaysBefore) : undefined
  return {
    loan: {
      ...loan,
      ...(isBehind && { booked: state.balances, summary: summaryOf(state) }),
      night: { on: night.day, bucket: state.bucket, reminded: due ?? loan.night?.reminded ?? null },
      version: loan.version + 1,
    },
    state,
    entry: lines.length > 0 ? { step: `accrual:${night.day}`, lines } : undefined,
    charged,
    isNews:
      charged.feesMinor + charged.penaltiesMinor > 0n ||
      state.bucket !== (loan.night?.bucket ?? 'CURRENT') ||
      state.instalments.some(({ dueDate, openMinor }) => dueDate === night.day && openMinor > 0n),
    reminder: due && reminderOf(loan, state, due),
  }
}

const incomeIn = (lines: readonly BookLine[], income: 'fee_income' | 'penalty_income'): bigint => {
  const line = lines.find(({ account }) => account === income)
  return line?.side === 'credit' ? line.amountMinor : 0n
}

type Reminded = NonNullable<LoanNight['reminded']>

/** How many days after an instalment fell due its borrower is told again. */
const REMIND_DAYS_AFTER = [1, 7, 30, 60, 90]

/** The furthest reminder that a loan has come to and whose borrower has not had it. */
const reminderDue = (last: LoanNight | null, state: LoanState, daysBefore: number): Reminded | undefined => {
  const due = stageOf(state, daysBefore)
  const had = last?.reminded
  return due && had?.dueOn === due.dueOn && had.days >= due.days ? undefined : due
}

const stageOf = ({ asOf, oldestOverdueDate, daysPastDue, nextDue }: LoanState, daysBefore: number) => {
  const late = REMIND_DAYS_AFTER.findLast((days) => days <= daysPastDue)
  if (oldestOverdueDate !== null && late !== undefined) return { dueOn: oldestOverdueDate, days: late }
  if (!nextDue || toDayNumber(nextDue.date) - toDayNumber(asOf) > daysBefore) return undefined
  return { dueOn: nextDue.date, days: -daysBefore }
}

const reminderOf = (
  { _id, currency }: Loan,
  { dueNowMinor, daysPastDue, nextDue }: LoanState,
  { dueOn, days }: Reminded,
): Reminder => {
  const owed = formatAmount(days > 0 ? dueNowMinor : (nextDue?.amountMinor ?? 0n), currency)
  const [subject, what] =
    days > 0
      ? ['A payment of your loan is late', `has been late since ${dueOn}, for ${daysPastDue.toString()} days`]
      : ['A payment of your loan falls due', `falls due on ${dueOn}`]
  return { subject, text: `${owed} ${currency} of your loan ${_id} ${what}.\n` }
}
