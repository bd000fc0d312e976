import type { LoanStatus } from '@countinghouse/shared/contracts/loan'
import { refuse } from '../../errors.js'
import type { HistoryEntry, Loan, LoanStep } from './loan.js'

/**
 * The life of a loan: where each step leads from each status, where there are several as its sums say. What is not here
 * is refused and changes nothing.
 */
const NEXT: Record<LoanStatus, Partial<Record<LoanStep, readonly LoanStatus[]>>> = {
  APPLIED: {
    vote: ['APPLIED'],
    approve: ['APPROVED'],
    reject: ['REJECTED'],
    withdraw: ['WITHDRAWN'],
    expire: ['WITHDRAWN'],
  },
  APPROVED: {
    disbursement_requested: ['APPROVED'],
    disbursement_failed: ['APPROVED'],
    disbursement_retry: ['APPROVED'],
    disbursement_unanswered: ['APPROVED'],
    credit: ['ACTIVE'],
    cancel: ['WITHDRAWN'],
    expire: ['WITHDRAWN'],
  },
  ACTIVE: {
    repay: ['ACTIVE', 'CLOSED'],
    reverse: ['ACTIVE', 'CLOSED'],
    charge: ['ACTIVE'],
    waive: ['ACTIVE', 'CLOSED'],
    reschedule: ['ACTIVE'],
    write_off: ['WRITTEN_OFF'],
    vote_write_off: ['ACTIVE'],
    refund: ['ACTIVE', 'CLOSED'],
    receive: ['ACTIVE', 'CLOSED'],
  },
  CLOSED: { reverse: ['ACTIVE', 'CLOSED'], refund: ['CLOSED', 'ACTIVE'], receive: ['CLOSED', 'ACTIVE'] },
  REJECTED: {},
  WITHDRAWN: { late_credit: ['WITHDRAWN'], return_credit: ['WITHDRAWN'] },
  WRITTEN_OFF: { recover: ['WRITTEN_OFF'], receive: ['WRITTEN_OFF'], undo_write_off: ['ACTIVE', 'CLOSED'] },
}

export type Taken = { step: LoanStep; by: string; at: Date; reason?: string | null }

/** Refuses a step that a loan does not take where it stands; answers where it may lead. */
export const assertTakesStep = ({ _id, status }: Loan, step: LoanStep): readonly LoanStatus[] => {
  const next = NEXT[status][step]
  if (!next) throw refuse('illegal_transition', { loan_id: _id, loan_status: status, step })
  return next
}

/** The loan after a step and what changes with it; the only way from one status to another. */
export const takeStep = (loan: Loan, taken: Taken, changes: Partial<Loan>, to?: LoanStatus): Loan => {
  const next = assertTakesStep(loan, taken.step)
  const status = to ?? next[0]
  if (!status || !next.includes(status)) throw new Error(`${taken.step} of ${loan._id} leads to ${status ?? 'nothing'}`)
  const history = isRoutine(loan, taken, status) ? loan.history : [...loan.history, entryOf(taken, status)]
  return { ...loan, ...changes, status, history, updatedAt: taken.at, version: loan.version + 1 }
}

const entryOf = ({ step, by, at, reason = null }: Taken, status: LoanStatus): HistoryEntry => ({
  step,
  status,
  by,
  at,
  reason,
})

// Repayments are events of their own; the history would grow with each of hundreds.
const isRoutine = (loan: Loan, { step }: Taken, status: LoanStatus): boolean =>
  (step === 'repay' || step === 'receive') && status === loan.status
