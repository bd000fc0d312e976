import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { addAccount, type AskedAccount } from './commands/accounts.js'
import { linkedAccounts } from './store/accounts.js'

type Sample = AskedAccount & { userId: string; id: string }

const credit = (limit: number, available: number, apr: number, dueDate: string) => ({
  type: 'credit',
  details: { creditLimit: limit, availableCredit: available, apr, dueDate },
})

const SAMPLE_ACCOUNTS: readonly Sample[] = [
  { ...credit(5000, 3800, 19.99, '2025-06-15'), ...{ userId: 'user123', id: 'acc1', provider: 'Chase', accountName: 'Chase Freedom', balance: '1200.45', currency: 'USD' } },
  { type: 'loan', details: { principal: 10000, interestRate: 4.5, remainingTermMonths: 12 }, ...{ userId: 'user123', id: 'acc2', provider: 'SoFi', accountName: 'Student Loan', balance: 8000, currency: 'USD' } },
  { type: 'checking', details: { overdraftProtection: true, routingNumber: '123456789' }, ...{ userId: 'user123', id: 'acc3', provider: 'Wells Fargo', accountName: 'Wells Fargo Checking', balance: 3400, currency: 'USD' } },
  { ...credit(10000, 7500, 23.99, '2025-06-10'), ...{ userId: 'user456', id: 'acc4', provider: 'Amex', accountName: 'Amex Gold', balance: 2500, currency: 'USD' } },
] // prettier-ignore

/** The accounts of the examples, on a system where nobody has any; what a user did with them since stays done. */
export const loadSampleAccounts = ({ db, now }: { db: Connection; now: () => Date }): Promise<void> =>
  inTransaction(db, async (tx) => {
    if (await tx.findOne(linkedAccounts, {})) return
    for (const { userId, id, ...asked } of SAMPLE_ACCOUNTS) await addAccount(tx, { userId, id, asked, now: now() })
  })
