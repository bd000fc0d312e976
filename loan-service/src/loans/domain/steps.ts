import type { LoanStatus } from '@countinghouse/shared/contracts/loan'
import { refuse } from '../../errors.js'
import type { HistoryEntry, Loan, LoanStep } from './loan.js'

/** The life of a loan: where each step leads from each status. What is not here is refused and changes nothing. */
const NEXT: Record<LoanStatus, Partial<Record<LoanStep, LoanStatus>>> = {
  APPLIED: { approve: 'APPROVED', reject: 'REJECTED' },
  APPROVED: { credit: 'ACTIVE', disbursement_failed: 'APPROVED', disbursement_retry: 'APPROVED' },
  ACTIVE: {},
  CLOSED: {},
  REJECTED: {},
  WITHDRAWN: {},
  WRITTEN_OFF: {},
}

export type Taken = { step: LoanStep; by: string; at: Date; reason?: string | null }

/** The loan after a step and what changes with it; the only way from one status to another. */
export const takeStep = (loan: Loan, { step, by, at, reason = null }: Taken, changes: Partial<Loan>): Loan => {
  const status = NEXT[loan.status][step]
  if (!status) throw refuse('illegal_transition', { loan_id: loan._id, loan_status: loan.status, step })
  const entry: HistoryEntry = { step, status, by, at, reason }
  return { ...loan, ...changes, status, history: [...loan.history, entry], updatedAt: at, version: loan.version + 1 }
}
