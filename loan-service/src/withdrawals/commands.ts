import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { getLoan } from '../loans/commands.js'
import type { Deps } from '../loans/deps.js'
import type { Loan } from '../loans/domain/loan.js'
import { toLoanWithdrawn } from '../loans/events.js'
import { saveLoan } from '../loans/store/loan.js'
import { expire, withdraw } from './domain.js'

export type WithdrawalRequest = { loanId: string; by: string; reason: string | null; ifMatch: number | undefined }

export const withdrawLoan = async (
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  { loanId, ifMatch, ...request }: WithdrawalRequest,
): Promise<Loan> => {
  const loan = await getLoan(tx, loanId)
  if (ifMatch !== undefined && ifMatch !== loan.version) throw refuseCommon('version_conflict')
  return leave(tx, withdraw(loan, { ...request, at: now() }))
}

/** Lets one loan lapse whose time has run out; does nothing when it has moved on since it was found. */
export const expireLoan = async (tx: Tx, loan: Loan, at: Date): Promise<void> => {
  await leave(tx, expire(loan, { by: 'service:loan-service', at, reason: 'Its time ran out' }))
}

const leave = async (tx: Tx, left: Loan): Promise<Loan> => {
  await saveLoan(tx, left)
  await addToOutbox(tx, toLoanWithdrawn(left))
  return left
}
