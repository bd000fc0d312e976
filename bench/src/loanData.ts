import { toDay, toDayNumber } from '@countinghouse/loan-service/engine/days'
import { fold } from '@countinghouse/loan-service/engine/fold'
import { scheduleOf } from '@countinghouse/loan-service/engine/schedule'
import { summaryOf, toEvent, type LoanEventRow } from '@countinghouse/loan-service/loans/domain/fact'
import type { Loan } from '@countinghouse/loan-service/loans/domain/loan'
import { toTerms } from '@countinghouse/loan-service/loans/domain/terms'
import { loans } from '@countinghouse/loan-service/loans/store/collection'
import { loanEvents } from '@countinghouse/loan-service/loans/store/events'
import { native } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'

type Made = { loan: Loan; rows: LoanEventRow[] }

const BATCH = 1_000
const DAY_MS = 86_400_000

/** Many loans after the likeness of one: every fifth is running, and of those every tenth has missed its last instalment. */
export const growLoans = async (db: Connection, like: Loan, { count, today }: { count: number; today: string }) => {
  for (let from = 0; from < count; from += BATCH) {
    const made = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) =>
      makeLoan(like, from + index, today),
    )
    await native(db, loans).insertMany(made.map(({ loan }) => loan))
    const rows = made.flatMap((one) => one.rows)
    if (rows.length > 0) await native(db, loanEvents).insertMany(rows)
  }
}

const DECIDED = [
  { status: 'APPLIED', decision: 'PENDING' },
  { status: 'CLOSED', decision: 'APPROVED' },
  { status: 'CLOSED', decision: 'APPROVED' },
  { status: 'REJECTED', decision: 'REJECTED' },
] as const

const makeLoan = (like: Loan, index: number, today: string): Made => {
  const createdAt = new Date(Date.parse(today) - (1 + ((index * 7919) % 1_000)) * DAY_MS)
  const loan: Loan = {
    ...like,
    _id: `grown-${index.toString().padStart(8, '0')}`,
    customerId: `customer-${index % 5_000}`,
    amountMinor: BigInt(1_000_00 + ((index * 7907) % 40_000) * 100),
    riskScore: ((index * 31) % 7_000) / 10_000,
    ...{ createdAt, updatedAt: createdAt },
  }
  const { status, decision } = DECIDED[index % 5] ?? { status: 'ACTIVE', decision: 'APPROVED' }
  if (status !== 'ACTIVE') return { loan: { ...loan, status, decision }, rows: [] }
  return runningOf({ ...loan, status, decision }, index, today)
}

/** Paid out up to a year ago, and paid in time since. */
const runningOf = (loan: Loan, index: number, today: string): Made => {
  const terms = toTerms(loan)
  const paidOutOn = toDay(toDayNumber(today) - 1 - ((index * 13) % 330))
  const due = scheduleOf(terms, paidOutOn).filter(({ dueDate }) => dueDate < today)
  const paid = index % 50 === 4 ? due.slice(0, -1) : due
  const happenings = [
    { on: paidOutOn, happening: { kind: 'disbursed' as const, amountMinor: loan.amountMinor } },
    ...paid.map(({ dueDate, totalMinor }) => ({
      on: dueDate,
      happening: { kind: 'repaid' as const, amountMinor: totalMinor, excess: 'next_instalment' as const },
    })),
  ]
  const rows = happenings.map((one, at): LoanEventRow => {
    const sequence = at + 1
    const id = `${loan._id}:${sequence}`
    return {
      _id: id,
      loanId: loan._id,
      sequence,
      ...one,
      key: id,
      actor: 'bench',
      reason: null,
      recordedAt: new Date(),
    }
  })
  const state = fold(terms, rows.map(toEvent), today)
  const standing = { booked: state.balances, summary: summaryOf(state), eventCount: rows.length }
  return { loan: { ...loan, ...standing }, rows }
}
