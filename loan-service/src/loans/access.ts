import type { UserCaller } from '@countinghouse/shared/http/caller'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { getLoan, getOwnLoan } from './commands.js'
import type { Deps } from './deps.js'
import type { Loan } from './domain/loan.js'

export const isBorrower = ({ role }: UserCaller): boolean => role === 'customer' || role === 'vendor'

/** The loan as far as the caller may see it: all for the house, their own for borrowers. */
export const getVisibleLoan = (
  reads: Reads,
  deps: Pick<Deps, 'borrowers'>,
  loanId: string,
  user: UserCaller,
): Promise<Loan> => (isBorrower(user) ? getOwnLoan(reads, deps, loanId, user.userId) : getLoan(reads, loanId))

/** The loan for somebody who decides something about it, which nobody does on their own. */
export const getOthersLoan = async (
  reads: Reads,
  { borrowers }: Pick<Deps, 'borrowers'>,
  loanId: string,
  { userId }: Pick<UserCaller, 'userId'>,
): Promise<Loan> => {
  const loan = await getLoan(reads, loanId)
  const borrower = await borrowers.get(reads, loan.customerId)
  if (borrower.userId === userId) throw refuse('own_loan', { loan_id: loanId })
  return loan
}
