import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import type { Deps } from './deps.js'
import { enter } from './domain/application.js'
import { decide, type Decision } from './domain/decision.js'
import { credit, failDisbursement, retryDisbursement, type Credit, type Failure } from './domain/disbursement.js'
import type { Application, Borrower, Loan } from './domain/loan.js'
import { toLoanActivated, toLoanApplied, toLoanApproved, toLoanRejected } from './events.js'
import { countOpenLoans, findLoan, insertLoan, saveLoan } from './store/loan.js'

export type NewLoan = { application: Application; borrower: Borrower; enteredBy: string; ownApplication: boolean }

export const enterLoan = async (tx: Tx, { now, rules, borrowers, assess }: Deps, request: NewLoan): Promise<Loan> => {
  const { application, borrower, ...by } = request
  const { customerId } = borrower
  await borrowers.countLoan(tx, customerId)
  const openLoans = await countOpenLoans(tx, customerId)
  const entry = { loanId: uuidv7(), customerId, ...by, openLoans, at: now() }
  const loan = enter(application, assess(application), entry, rules)
  await insertLoan(tx, loan)
  await addToOutbox(tx, toLoanApplied(loan))
  return loan
}

export type LoanDecision = Pick<Decision, 'action' | 'decider' | 'reason'> & {
  loanId: string
  ifMatch?: number | undefined
}

export const decideLoan = async (tx: Tx, { now, rules, borrowers }: Deps, request: LoanDecision): Promise<Loan> => {
  const { loanId, ifMatch, ...decision } = request
  const loan = await getLoan(tx, loanId)
  if (ifMatch !== undefined && ifMatch !== loan.version) throw refuseCommon('version_conflict')
  const borrower = await borrowers.get(tx, loan.customerId)
  const decided = decide(loan, { ...decision, borrower, riskLimit: rules.riskLimit, at: now() })
  await saveLoan(tx, decided)
  const rejected = decided.status === 'REJECTED'
  await addToOutbox(tx, rejected ? toLoanRejected(decided) : toLoanApproved(decided, borrower.userId))
  return decided
}

export const retryLoanDisbursement = async (
  tx: Tx,
  { now, rules, borrowers }: Deps,
  { loanId, by }: { loanId: string; by: string },
): Promise<Loan> => {
  const loan = await getLoan(tx, loanId)
  const borrower = await borrowers.get(tx, loan.customerId)
  const requested = retryDisbursement(loan, { borrower, by, riskLimit: rules.riskLimit, at: now() })
  await saveLoan(tx, requested)
  await addToOutbox(tx, toLoanApproved(requested, borrower.userId))
  return requested
}

export const creditLoan = async (
  tx: Tx,
  { now }: Deps,
  loanId: string,
  received: Omit<Credit, 'at'>,
): Promise<void> => {
  const loan = await getLoan(tx, loanId)
  const active = credit(loan, { ...received, at: now() })
  if (active === loan) return
  await saveLoan(tx, active)
  await addToOutbox(tx, toLoanActivated(active, received.entryId))
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

export const getLoan = async (reads: Reads, id: string): Promise<Loan> => {
  const loan = await findLoan(reads, id)
  if (!loan) throw refuse('loan_not_found', { loan_id: id })
  return loan
}

/** A loan for its borrower's eyes: another's is as unknown as one that does not exist. */
export const getOwnLoan = async (reads: Reads, { borrowers }: Deps, loanId: string, userId: string): Promise<Loan> => {
  const [loan, borrower] = [await findLoan(reads, loanId), await borrowers.findOfUser(reads, userId)]
  if (!loan || loan.customerId !== borrower?.customerId) throw refuse('loan_not_found', { loan_id: loanId })
  return loan
}
