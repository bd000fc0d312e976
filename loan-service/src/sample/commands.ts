import type { Log } from '@countinghouse/shared/log'
import { exponentOf } from '@countinghouse/shared/money'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import type { Borrower } from '../loans/domain/loan.js'
import { SAMPLE_LOANS, type SampleLoan } from './domain.js'

type Means = Record<'amountMinor' | 'incomeMinor' | 'expensesMinor', bigint>

/** What the service does for anybody, as far as the sample data needs it. */
export type Deps = {
  db: Connection
  log: Log
  currency: string
  hasCustomers: (reads: Reads) => Promise<boolean>
  addCustomer: (
    tx: Tx,
    fields: { firstName: string; lastName: string; email: string; phone: string; userId: string | null },
  ) => Promise<Borrower>
  enterLoan: (
    tx: Tx,
    request: { asked: Means & { termMonths: number; purpose: string }; borrower: Borrower; enteredBy: string },
  ) => Promise<{ _id: string }>
  decideLoan: (tx: Tx, decision: { loanId: string; action: 'approve' | 'reject'; reason: string }) => Promise<unknown>
}

const STAFF = 'USER-RAJ'

/** Loans of every kind, entered and decided as staff do it, on a system without customers: all of them or none, whoever else starts at the same time. */
export const loadSampleLoans = async (deps: Deps): Promise<void> => {
  if (await deps.hasCustomers(readsOn(deps.db))) return
  await inTransaction(deps.db, async (tx) => {
    if (await deps.hasCustomers(tx)) return
    for (const [index, sample] of SAMPLE_LOANS.entries()) await loadLoan(tx, deps, sample, index)
  }).catch((error: unknown) => {
    // Stricter settings are no reason not to start.
    if (!(error instanceof Refusal)) throw error
    deps.log.warn(
      { code: error.code, reason: error.message },
      'The settings do not allow the sample loans; there are none',
    )
  })
}

const loadLoan = async (tx: Tx, deps: Deps, sample: SampleLoan, index: number): Promise<void> => {
  const borrower = await deps.addCustomer(tx, toCustomer(sample, index))
  const { amount, income, expenses, termMonths, purpose, decision } = sample
  const minor = (units: number) => BigInt(units) * 10n ** BigInt(exponentOf(deps.currency))
  const means = { amountMinor: minor(amount), incomeMinor: minor(income), expensesMinor: minor(expenses) }
  const { _id: loanId } = await deps.enterLoan(tx, {
    asked: { ...means, termMonths, purpose },
    ...{ borrower, enteredBy: STAFF },
  })
  if (decision === 'APPROVED') await deps.decideLoan(tx, { loanId, action: 'approve', reason: 'Steady income' })
  if (decision === 'REJECTED') await deps.decideLoan(tx, { loanId, action: 'reject', reason: 'Too little is left' })
}

// The addresses of those with a user are the ones that they log in with.
const toCustomer = ({ name: [firstName, lastName], userId }: SampleLoan, index: number) => ({
  ...{ firstName, lastName, userId: userId ?? null },
  email: userId === undefined ? `${firstName}.${lastName}@borrowers.test` : `${userId}@countinghouse.test`,
  phone: `555-${(100 + index).toString().padStart(4, '0')}`,
})
