import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { getLoan } from '../loans/commands.js'
import type { Deps as LoanDeps } from '../loans/deps.js'
import { payoutMinorOf } from '../loans/domain/fact.js'
import type { Borrower, Loan } from '../loans/domain/loan.js'
import { toLoanActivated, toLoanApproved } from '../loans/events.js'
import { record } from '../loans/recording.js'
import { findApproved, saveLoan } from '../loans/store/loan.js'
import { beginReturn } from '../movements/commands/begin.js'
import {
  activation,
  askAgain,
  completed,
  creditLate,
  failDisbursement,
  isKnown,
  isWaitingForUser,
  requestForUser,
  retryDisbursement,
  type Asking,
  type Credit,
  type Failure,
} from './domain.js'

export type Deps = Pick<LoanDeps, 'db' | 'now' | 'rules' | 'borrowers'>

export const retryLoanDisbursement = async (
  tx: Tx,
  deps: Deps,
  { loanId, by }: { loanId: string; by: string },
): Promise<Loan> => {
  const loan = await getLoan(tx, loanId)
  const borrower = await deps.borrowers.get(tx, loan.customerId)
  return request(tx, deps, retryDisbursement(loan, askingOf(deps, borrower, by)), borrower)
}

/** Asks for what waited until its customer has a user. */
export const payOutWaiting = async (
  tx: Tx,
  deps: Pick<Deps, 'now' | 'rules'>,
  { by, ...borrower }: Borrower & { by: string },
): Promise<void> => {
  const approved = await findApproved(tx, borrower.customerId)
  for (const loan of approved.filter(isWaitingForUser))
    await request(tx, deps, requestForUser(loan, askingOf(deps, borrower, by)), borrower)
}

/** Asks once more for a disbursement that got no answer; does nothing when it has got one since it was found. */
export const askOnceMore = async (tx: Tx, deps: Deps, loan: Loan): Promise<void> => {
  const borrower = await deps.borrowers.get(tx, loan.customerId)
  await request(tx, deps, askAgain(loan, askingOf(deps, borrower, 'service:loan-service')), borrower)
}

const askingOf = ({ now, rules }: Pick<Deps, 'now' | 'rules'>, borrower: Borrower, by: string): Asking => ({
  borrower,
  by,
  riskLimit: rules.riskLimit,
  answerWithinMs: rules.answerWithinMs,
  at: now(),
})

const request = async (
  tx: Tx,
  { rules }: Pick<Deps, 'rules'>,
  requested: Loan,
  { userId }: Borrower,
): Promise<Loan> => {
  await saveLoan(tx, requested)
  await addToOutbox(tx, toLoanApproved(requested, userId, payoutMinorOf(requested, rules.dayOf(requested.updatedAt))))
  return requested
}

/** Takes note of money that reached the wallet for a loan; once, however often it is told. */
export const creditLoan = async (
  tx: Tx,
  { now, rules }: Deps,
  loanId: string,
  received: Omit<Credit, 'at'>,
): Promise<void> => {
  const loan = await getLoan(tx, loanId)
  if (isKnown(loan, received.entryId)) return
  const credit = { ...received, at: now() }
  const [creditDay, today] = [rules.dayOf(credit.creditedAt), rules.dayOf(credit.at)]
  // The other side's clock may be ahead of ours, but nothing counts from tomorrow.
  const on = creditDay < today ? creditDay : today
  const changes = completed(loan, credit, payoutMinorOf(loan, on))
  if (loan.status === 'WITHDRAWN') {
    await saveLoan(tx, creditLate(loan, credit, changes))
    return beginReturn(tx, { now, rules }, loan, credit)
  }
  await record(tx, { rules }, loan, { ...activation(loan, credit, on), changes }, ({ loan: active }) => [
    toLoanActivated(active, credit.entryId),
  ])
}

export const failLoanDisbursement = async (
  tx: Tx,
  { now }: Deps,
  loanId: string,
  failure: Omit<Failure, 'at'>,
): Promise<void> => {
  const loan = await getLoan(tx, loanId)
  await saveLoan(tx, failDisbursement(loan, { ...failure, at: now() }))
}
