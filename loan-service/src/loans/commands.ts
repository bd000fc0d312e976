import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import type { Deps } from './deps.js'
import type { Loan } from './domain/loan.js'
import { findLoan } from './store/loan.js'

export const getLoan = async (reads: Reads, id: string): Promise<Loan> => {
  const loan = await findLoan(reads, id)
  if (!loan) throw refuse('loan_not_found', { loan_id: id })
  return loan
}

/** A loan for its borrower's eyes: another's is as unknown as one that does not exist. */
export const getOwnLoan = async (
  reads: Reads,
  { borrowers }: Pick<Deps, 'borrowers'>,
  loanId: string,
  userId: string,
): Promise<Loan> => {
  const [loan, borrower] = [await findLoan(reads, loanId), await borrowers.findOfUser(reads, userId)]
  if (!loan || loan.customerId !== borrower?.customerId) throw refuse('loan_not_found', { loan_id: loanId })
  return loan
}
