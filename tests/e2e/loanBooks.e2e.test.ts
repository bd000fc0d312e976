import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { approve, newBorrower, type Borrower } from './borrower.js'
import { becomes, startTestSystem, type TestSystem } from './system.js'

let system: TestSystem
let admin: string
beforeAll(async () => {
  system = await startTestSystem({ serviceEnvironment: { 'loan-service': { SAMPLE_DATA: 'off' } } })
  admin = await system.adminToken()
})
afterAll(() => system.close())

type Body = Record<string, unknown>
const post = (path: string, token: string, body: Body) => system.api.post(path, { token, key: randomUUID(), body })

const paidOut = async (): Promise<Borrower> => {
  const borrower = await newBorrower(system)
  expectAnswer(await approve(system, admin, borrower.loanId), 200)
  await becomes(() => system.api.get(`/loans/${borrower.loanId}`, { token: borrower.token }), { status: 'ACTIVE' })
  return borrower
}

const cents = (amount: unknown): number => Math.round(Number(amount) * 100)
/** What the books hold as receivable from loans: principal, interest, fees, penalties. */
const receivables = async (): Promise<number[]> => {
  const accounts = (await system.api.get('/ledger/accounts?kind=house&page_size=100', { token: admin })).body as Body[]
  return ['loans', 'interest', 'fees', 'penalties'].map((part) =>
    cents(accounts.find(({ id }) => id === `house:${part}_receivable:USD`)?.['balance'] ?? 0),
  )
}

test('after repayments, reversals, charges and a write-off the books hold exactly what the loans owe', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, paidOut))
  const [payer, closer, undone, charged, lost] = people as [Borrower, Borrower, Borrower, Borrower, Borrower]
  const repay = (of: Borrower, amount: unknown) => post(`/loans/${of.loanId}/repayments`, of.token, { amount })
  const asAdmin = (of: Borrower, path: string, body: Body = {}) => post(`/loans/${of.loanId}${path}`, admin, body)
  const loanOf = async ({ loanId }: Borrower) =>
    expectAnswer(await system.api.get(`/loans/${loanId}`, { token: admin }), 200)

  expectAnswer(await repay(payer, 123.45), 201, { outstanding: 876.55 })
  expectAnswer(await repay(closer, (await loanOf(closer))['outstanding']), 201, { loan_status: 'CLOSED' })
  const { id } = expectAnswer(await repay(undone, 400), 201)
  expectAnswer(await asAdmin(undone, `/repayments/${String(id)}/reverse`), 200, { status: 'REVERSED' })
  expectAnswer(await asAdmin(charged, '/charges', { part: 'fees', amount: 30, reason: 'Postage' }), 201)
  expectAnswer(await asAdmin(charged, '/waivers', { part: 'fees', amount: 10, reason: 'Half of it was ours' }), 201)
  expectAnswer(await repay(charged, 15), 201, { outstanding: 1005 })
  expectAnswer(await asAdmin(lost, '/write-off', { reason: 'Insolvent' }), 200, { status: 'WRITTEN_OFF' })
  expectAnswer(await asAdmin(lost, '/recoveries', { amount: 75 }), 201, { status: 'COMPLETED' })
  expect((await repay(payer, 900)).status).toBe(422)
  const wallet = expectAnswer(await system.api.get('/wallet', { token: payer.token }), 200)
  expectAnswer(await post('/wallet/debit', admin, { wallet_id: wallet['id'], amount: 870 }), 201)
  expectAnswer(await repay(payer, 100), 409, { code: 'insufficient_funds', shortage: 93.45 })

  const states = await Promise.all(people.map(loanOf))
  const sum = (field: string) => states.reduce((total, state) => total + cents(state[field]), 0)
  const [principal, outstanding] = [sum('principal_outstanding'), sum('outstanding')]
  expect(outstanding - principal).toBe(500)
  // What a fact owes the books reaches them by an event, a moment later.
  await eventually(async () => expect(await receivables()).toEqual([principal, 0, outstanding - principal, 0]), 30_000)
  expectAnswer(await system.api.get('/ledger/trial-balance', { token: admin }), 200, { balanced: true })
  const left = await Promise.all(people.map(({ token }) => system.api.get('/wallet', { token })))
  expect(left.map(({ body }) => (body as Body)['balance'])).toEqual([6.55, 0, 1000, 985, 925])
})
