import { bookEntryDue, type HouseAccount } from '@countinghouse/shared/contracts/books'
import {
  loanActivated,
  loanApplied,
  loanApproved,
  loanEventRecorded,
  loanRejected,
  loanWithdrawn,
} from '@countinghouse/shared/contracts/loan'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { DueEntry, Recorded } from './domain/fact.js'
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

/** Asks for the loan to be paid into the wallet of this user; without one there is nothing to pay yet. */
export const toLoanApproved = (loan: Loan, userId: string | null, payoutMinor: bigint): Envelope =>
  newEvent(loanApproved, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    user_id: userId,
    amount_minor: payoutMinor,
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

export const toLoanWithdrawn = (loan: Loan): Envelope =>
  newEvent(loanWithdrawn, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    reason: loan.withdrawal ?? 'WITHDRAWN',
    withdrawn_at: loan.updatedAt.toISOString(),
  })

export const toLoanActivated = (loan: Loan, entryId: string): Envelope =>
  newEvent(loanActivated, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    entry_id: entryId,
    activated_at: loan.updatedAt.toISOString(),
  })

export const toEventRecorded = ({ loan, row, state }: Recorded): Envelope =>
  newEvent(loanEventRecorded, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    sequence: row.sequence,
    kind: row.happening.kind,
    on: row.on,
    amount_minor: 'amountMinor' in row.happening ? row.happening.amountMinor : null,
    currency: loan.currency,
    status: loan.status,
    outstanding_minor: state.outstandingMinor,
    principal_outstanding_minor: state.owed.principal,
    oldest_unpaid_due_on: loan.summary?.oldestUnpaidDueOn ?? null,
    recorded_at: row.recordedAt.toISOString(),
  })

/** A balanced entry that the books are owed; wallets are no part of it, because they move by the ledger alone. */
export const toEntryDue = (loan: Loan, { step, lines }: DueEntry, at: Date): Envelope =>
  newEvent(bookEntryDue, loan._id, {
    document: { kind: 'loan', id: loan._id },
    step,
    currency: loan.currency,
    lines: lines.map(({ account, side, amountMinor }) => ({
      account: houseAccount(account),
      side,
      amount_minor: amountMinor,
    })),
    description: `Loan ${loan._id}: ${step.replace(/^\d+:/, '').replaceAll('_', ' ')}`,
    occurred_at: at.toISOString(),
  })

const houseAccount = (account: HouseAccount | 'wallet'): HouseAccount => {
  if (account === 'wallet') throw new Error('A wallet moves by the ledger, not by an entry due')
  return account
}
