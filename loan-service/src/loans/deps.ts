import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import type { ApplicationRules } from './domain/application.js'
import type { Application, Assessment, Borrower } from './domain/loan.js'

/** What loans need to know of customers. */
export interface Borrowers {
  findOfUser(reads: Reads, userId: string): Promise<Borrower | undefined>
  /** Refuses an unknown customer. */
  get(reads: Reads, customerId: string): Promise<Borrower>
  /** Makes transactions that give one customer a loan run one after another. */
  countLoan(tx: Tx, customerId: string): Promise<void>
  /** Learns who a user is before the transaction in which the answer finds or makes the customer record. */
  introduce(applicant: { userId: string; authorization: string | undefined }): Promise<(tx: Tx) => Promise<Borrower>>
}

export type LoanRules = ApplicationRules & {
  currency: string
  /** The score at which a loan is refused. */
  riskLimit: number
  /** Where the days of `from` and `to` begin. */
  timeZone: string
}

export type Deps = {
  db: Connection
  now: () => Date
  rules: LoanRules
  borrowers: Borrowers
  assess: (application: Application) => Assessment
}
