import { refuse } from '../../errors.js'
import type { Borrower, Disbursement, Loan } from './loan.js'
import { takeStep } from './steps.js'

/** No setting and no code lets a loan of this score or above be approved; the database holds it too. */
export const RISK_LIMIT_MAX = 0.75

export type Decision = {
  action: 'approve' | 'reject'
  decider: { userId: string; isAdmin: boolean }
  borrower: Borrower
  reason: string | null
  /** The score at which a loan is refused. */
  riskLimit: number
  at: Date
}

/** The loan as decided; refuses a decider who may not, a loan that is decided already, and a risk that is too high. */
export const decide = (loan: Loan, { action, decider, borrower, reason, riskLimit, at }: Decision): Loan => {
  if (decider.userId === borrower.userId) throw refuse('own_loan', { loan_id: loan._id })
  if (loan.ownApplication && !decider.isAdmin) throw refuse('admin_decides', { loan_id: loan._id })
  const taken = { step: action, by: `user:${decider.userId}`, at, reason }
  const decided = { decidedBy: decider.userId, decidedAt: at, decisionReason: reason }
  if (action === 'reject') return takeStep(loan, taken, { ...decided, decision: 'REJECTED' })
  const disbursement = borrower.userId === null ? WAITING_FOR_USER : REQUESTED
  const approved = takeStep(loan, taken, { ...decided, decision: 'APPROVED', disbursement })
  assertApprovable(loan, riskLimit)
  return approved
}

export const REQUESTED: Disbursement = { status: 'PENDING', code: null, reason: null, entryId: null, creditedAt: null }

const WAITING_FOR_USER: Disbursement = {
  ...REQUESTED,
  code: 'customer_not_linked',
  reason: 'The customer has no user yet, so there is no wallet to pay into',
}

export const isTooRisky = ({ riskScore }: Pick<Loan, 'riskScore'>, riskLimit: number): boolean =>
  riskScore >= Math.min(riskLimit, RISK_LIMIT_MAX)

/** Refuses every step towards paying out a loan whose score is at the limit or above it. */
export const assertApprovable = (loan: Loan, riskLimit: number): void => {
  if (!isTooRisky(loan, riskLimit)) return
  throw refuse('risk_too_high', { loan_id: loan._id, risk_score: loan.riskScore, limit: riskLimit })
}
