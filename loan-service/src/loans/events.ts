import { loanActivated, loanApplied, loanApproved, loanRejected } from '@countinghouse/shared/contracts/loan'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Loan } from './domain/loan.js'

export const toLoanApplied = (loan: Loan): Envelope =>
  newEvent(loanApplied, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    amount_minor: loan.amountMinor,
    currency: loan.currency,
    term_months: loan.termMonths,
    risk_score: loan.riskScore,
    applied_at: loan.createdAt.toISOString(),
  })

/** Asks for the principal to be paid into the wallet of this user; without one there is nothing to pay yet. */
export const toLoanApproved = (loan: Loan, userId: string | null): Envelope =>
  newEvent(loanApproved, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    user_id: userId,
    amount_minor: loan.amountMinor,
    currency: loan.currency,
    approved_at: (loan.decidedAt ?? loan.updatedAt).toISOString(),
  })

export const toLoanRejected = (loan: Loan): Envelope =>
  newEvent(loanRejected, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    reason: loan.decisionReason,
    rejected_at: loan.updatedAt.toISOString(),
  })

export const toLoanActivated = (loan: Loan, entryId: string): Envelope =>
  newEvent(loanActivated, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    entry_id: entryId,
    activated_at: loan.updatedAt.toISOString(),
  })
