import { refuse } from '../../errors.js'
import { assertApprovable, REQUESTED } from './decision.js'
import type { Borrower, Loan } from './loan.js'
import { takeStep } from './steps.js'

/** What the wallet says it received, and who says so. */
export type Credit = { entryId: string; amountMinor: bigint; currency: string; creditedAt: Date; by: string; at: Date }

/** The principal is in the wallet, so the loan runs; the same loan comes back when that was known already. */
export const credit = (loan: Loan, { entryId, amountMinor, currency, creditedAt, by, at }: Credit): Loan => {
  if (loan.disbursement?.status === 'COMPLETED' && loan.disbursement.entryId === entryId) return loan
  if (amountMinor !== loan.amountMinor || currency !== loan.currency) {
    throw refuse('disbursement_mismatch', { loan_id: loan._id, entry_id: entryId })
  }
  const disbursement = { status: 'COMPLETED', code: null, reason: null, entryId, creditedAt } as const
  return takeStep(loan, { step: 'credit', by, at }, { disbursement })
}

export type Failure = { code: string; reason: string; by: string; at: Date }

/** The wallet could not be paid into: the loan stays approved, says why, and can be tried again. */
export const failDisbursement = (loan: Loan, { code, reason, by, at }: Failure): Loan =>
  takeStep(
    loan,
    { step: 'disbursement_failed', by, at, reason },
    { disbursement: { ...REQUESTED, status: 'FAILED', code, reason } },
  )

export type Retry = { borrower: Borrower; by: string; riskLimit: number; at: Date }

export const retryDisbursement = (loan: Loan, { borrower, by, riskLimit, at }: Retry): Loan => {
  const requested = takeStep(loan, { step: 'disbursement_retry', by, at }, { disbursement: REQUESTED })
  const disbursement = loan.disbursement?.status ?? 'none'
  if (disbursement !== 'FAILED') throw refuse('disbursement_not_failed', { loan_id: loan._id, disbursement })
  if (borrower.userId === null) throw refuse('customer_not_linked', { loan_id: loan._id })
  assertApprovable(loan, riskLimit)
  return requested
}
