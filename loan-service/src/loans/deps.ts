import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import type { Borrower } from './domain/loan.js'

/** What loans need to know of customers. */
export interface Borrowers {
  findOfUser(reads: Reads, userId: string): Promise<Borrower | undefined>
  /** Refuses an unknown customer. */
  get(reads: Reads, customerId: string): Promise<Borrower>
  /** The same for a decision: a user who is linked at the same moment is seen by one of the two. */
  getForDecision(tx: Tx, customerId: string): Promise<Borrower>
  /** Makes transactions that give one customer a loan run one after another. */
  countLoan(tx: Tx, customerId: string): Promise<void>
  /** Learns who a user is before the transaction in which the answer finds or makes the customer record. */
  introduce(applicant: { userId: string; authorization: string | undefined }): Promise<(tx: Tx) => Promise<Borrower>>
}

export type LoanRules = {
  currency: string
  /** Where the days of `from` and `to` begin, and by which today is today. */
  timeZone: string
  /** The score at which a loan is refused. */
  riskLimit: number
  maxAmountMinor: bigint
  maxTermMonths: number
  maxOpen: number
  unassessedMaxMinor: bigint
  dualControlAboveMinor: bigint
  offerDays: number
  answerWithinMs: number
  /** The day of the business (`YYYY-MM-DD`) at an instant. */
  dayOf: (instant: Date) => string
}

export type Deps = { db: Connection; now: () => Date; rules: LoanRules; borrowers: Borrowers }
