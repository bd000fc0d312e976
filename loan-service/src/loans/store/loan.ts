import { isDueBy } from '@countinghouse/shared/mongo/partial'
import type { LoanStatus } from '@countinghouse/shared/contracts/loan'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import type { Loan } from '../domain/loan.js'
import { loans } from './collection.js'

const OPEN: LoanStatus[] = ['APPLIED', 'APPROVED', 'ACTIVE']

export const findLoan = (reads: Reads, id: string) => reads.findOne(loans, { _id: id })

export const countOpenLoans = (reads: Reads, customerId: string): Promise<number> =>
  reads.count(loans, { customerId, status: { $in: OPEN } })

export const findApproved = (reads: Reads, customerId: string): Promise<Loan[]> =>
  reads.find(loans, { customerId, status: 'APPROVED' })

/** Disbursements that wallet-service should have answered by now, the longest silent first. */
export const findUnanswered = (reads: Reads, now: Date, limit: number): Promise<Loan[]> =>
  reads.find(loans, { 'disbursement.askAgainAt': isDueBy(now) }, { sort: { 'disbursement.askAgainAt': 1 }, limit })

/** Applications and approvals whose time has run out; one whose money may be under way is not among them. */
export const findExpired = (reads: Reads, now: Date, limit: number): Promise<Loan[]> =>
  reads.find(
    loans,
    { expiresAt: isDueBy(now), 'disbursement.askAgainAt': { $not: { $type: 'date' } } },
    { sort: { expiresAt: 1 }, limit },
  )

export const insertLoan = (tx: Tx, loan: Loan): Promise<void> => tx.insert(loans, loan)

/** Saves a loan over the version that it was decided on, and over no other. */
export const saveLoan = async (tx: Tx, { _id, ...changed }: Loan): Promise<void> => {
  const replaced = await tx.update(loans, { _id, version: changed.version - 1 }, { $set: changed })
  if (replaced === 0) throw refuse('loan_changed', { loan_id: _id })
}
