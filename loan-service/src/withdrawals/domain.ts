import { refuse } from '../errors.js'
import type { Loan, Withdrawal } from '../loans/domain/loan.js'
import { isUnderWay } from '../loans/domain/payout.js'
import { takeStep, type Taken } from '../loans/domain/steps.js'

export type Request = Omit<Taken, 'step'>

/** The loan taken back by its borrower: an application is withdrawn, an approval is cancelled. */
export const withdraw = (loan: Loan, request: Request): Loan =>
  loan.status === 'APPROVED'
    ? leave(loan, { ...request, step: 'cancel' }, 'CANCELLED')
    : leave(loan, { ...request, step: 'withdraw' }, 'WITHDRAWN')

/** The loan that nobody decided, or that could not be paid out, in the time given. */
export const expire = (loan: Loan, request: Request): Loan => leave(loan, { ...request, step: 'expire' }, 'EXPIRED')

// For reports a withdrawn application counts as rejected, so that the three decisions add up to all loans.
const leave = (loan: Loan, taken: Taken, withdrawal: Withdrawal): Loan => {
  const left = takeStep(loan, taken, { withdrawal, decision: 'REJECTED', expiresAt: null })
  // Once the money may be on its way, only its failure leads back.
  if (isUnderWay(loan.disbursement)) throw refuse('disbursement_pending', { loan_id: loan._id })
  return left
}
