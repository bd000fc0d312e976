import { randomBytes } from 'node:crypto'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { becomes, type TestSystem } from './system.js'

export type Borrower = { token: string; userId: string; loanId: string }

/** A customer with an open wallet and an application that awaits its decision. */
export const newBorrower = async ({ api }: TestSystem, amount = 1000): Promise<Borrower> => {
  const body = { email: `b${randomBytes(5).toString('hex')}@example.com`, password: 'long enough', role: 'customer' }
  const { user, access_token } = expectAnswer(await api.post('/auth/register', { body }), 201)
  const token = String(access_token)
  await becomes(() => api.get('/wallet', { token }), { balance: 0 })
  const application = { amount, term_months: 12, purpose: 'Tools', income: 60_000, expenses: 20_000 }
  const { id } = expectAnswer(await api.post('/loans/apply', { token, body: application }), 201)
  return { token, userId: (user as { id: string }).id, loanId: String(id) }
}

export const approve = ({ api }: TestSystem, token: string, loanId: string) =>
  api.post('/loans/admin/approve', { token, body: { loan_id: loanId, action: 'approve' } })
