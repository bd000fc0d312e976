import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { approve, newBorrower, type Borrower } from './borrower.js'
import { becomes, startTestSystem, type TestSystem } from './system.js'

let system: TestSystem
let admin: string
beforeAll(async () => {
  const bare = { SAMPLE_DATA: 'off' }
  system = await startTestSystem({
    serviceEnvironment: { 'wallet-service': bare, 'loan-service': bare, 'inventory-service': bare },
  })
  admin = await system.adminToken()
})
afterAll(() => system.close())

type Body = Record<string, unknown>
const post = (path: string, token: string, body: Body) => system.api.post(path, { token, key: randomUUID(), body })
const read = (path: string) => system.api.get(path, { token: admin })
/** The house's accounts in the books, with their balances. */
const houseAccounts = async (): Promise<Body[]> =>
  (await read('/ledger/accounts?kind=house&page_size=100')).body as Body[]

const paidOut = async (): Promise<Borrower> => {
  const borrower = await newBorrower(system)
  expectAnswer(await approve(system, admin, borrower.loanId), 200)
  await becomes(() => system.api.get(`/loans/${borrower.loanId}`, { token: borrower.token }), { status: 'ACTIVE' })
  return borrower
}

const cents = (amount: unknown): number => Math.round(Number(amount) * 100)
/** What the books hold as receivable from loans: principal, interest, fees, penalties. */
const receivables = async (): Promise<number[]> => {
  const accounts = await houseAccounts()
  return ['loans', 'interest', 'fees', 'penalties'].map((part) =>
    cents(accounts.find(({ id }) => id === `house:${part}_receivable:USD`)?.['balance'] ?? 0),
  )
}

test('after repayments, reversals, charges and a write-off the books hold exactly what the loans owe', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, paidOut))
  const [payer, closer, undone, charged, lost] = people as [Borrower, Borrower, Borrower, Borrower, Borrower]
  const repay = (of: Borrower, amount: unknown) => post(`/loans/${of.loanId}/repayments`, of.token, { amount })
  const asAdmin = (of: Borrower, path: string, body: Body = {}) => post(`/loans/${of.loanId}${path}`, admin, body)
  const loanOf = async ({ loanId }: Borrower) => expectAnswer(await read(`/loans/${loanId}`), 200)

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
  expectAnswer(await read('/ledger/trial-balance'), 200, { balanced: true })
  const left = await Promise.all(people.map(({ token }) => system.api.get('/wallet', { token })))
  expect(left.map(({ body }) => (body as Body)['balance'])).toEqual([6.55, 0, 1000, 985, 925])
})

/** The balances of the house's accounts for trade. */
const balances = async (): Promise<Record<string, number>> => {
  const named = (await houseAccounts()).map(
    ({ id, balance }) => [String(id).split(':')[1] ?? '', Number(balance)] as const,
  )
  return Object.fromEntries(named.filter(([, balance]) => balance !== 0))
}

test('what is sold, paid by card, declined, brought back and refunded is in the books, and they balance', async () => {
  expectAnswer(await post('/trade-customers', admin, { id: 'CUST-001', name: 'ABC Grocery' }), 201)
  expectAnswer(await post('/items', admin, { id: 'amber', name: 'Bottle 500ml', type: 'bottle' }), 201)
  expectAnswer(
    await post('/stocks/adjustments', admin, { item_id: 'amber', delta: 950, reason: 'opening', value: 2000 }),
    201,
  )
  const line_items = [{ item_id: 'amber', quantity: 100, unit_price: 4 }]
  const number = String(
    expectAnswer(await post('/sales', admin, { customer_id: 'CUST-001', line_items }), 201)['bill_number'],
  )
  const pay = (payment_method: string, amount: number) =>
    post(`/sales/${number}/payments`, admin, { method: 'card', payment_method, amount })
  const declined = await pay('pm_card_visa_chargeDeclinedInsufficientFunds', 300)
  expectAnswer(declined, 402, { code: 'payment_declined', retry: true, payment_status: 'failed' })
  const paid = expectAnswer(await pay('pm_card_visa', 300), 201, { status: 'succeeded', payment_status: 'partial' })
  const back = { line_items: [{ item_id: 'amber', quantity: 10 }], reason: 'Caps leak' }
  expectAnswer(await post(`/sales/${number}/returns`, admin, back), 201, { credited: 40 })
  const asked = { method: 'card', payment_id: paid['id'], amount: 100, reason: 'Paid too much' }
  expect([201, 202]).toContain((await post(`/sales/${number}/refunds`, admin, asked)).status)

  await eventually(async () => {
    const refunds = (await read(`/sales/${number}/refunds`)).body
    expect(refunds).toMatchObject([{ status: 'succeeded' }])
  })
  expectAnswer(await read(`/sales/${number}`), 200, { paid_amount: 200, credited_amount: 40, amount_due: 160 })
  const attempts = (await read(`/sales/${number}/payments`)).body
  expect(attempts).toMatchObject([{ status: 'failed' }, { status: 'succeeded' }])
  // What each step owes the books reaches them by an event, a moment later.
  await eventually(async () => {
    const books = await balances()
    expect(books).toMatchObject({ receivables: 160, sales_revenue: 400, sales_returns: -40, opening_balances: 2000 })
    expect(books['clearing'] ?? 0).toBe(0)
    expect(Number(books['inventory']) + Number(books['cost_of_goods_sold'])).toBeCloseTo(2000, 6)
    expect(Number(books['payment_provider']) + Number(books['provider_fees'] ?? 0)).toBeCloseTo(200, 6)
  }, 30_000)
  expectAnswer(await read('/ledger/trial-balance'), 200, { balanced: true })
})

test('the reports of that day say what the books say, and the stock is worth what its layers cost, to the cent', async () => {
  const report = async (name: string) => expectAnswer(await read(`/reports/${name}?fresh=true`), 200)
  await eventually(async () => {
    const books = await balances()
    const [revenue, cost, inventory] = [360, Number(books['cost_of_goods_sold']), Number(books['inventory'])]
    const gross_profit = (cents(revenue) - cents(cost)) / 100
    expect(await report('profit-loss')).toMatchObject({ revenue, cost_of_goods_sold: cost, gross_profit })
    expect(await report('sales-summary')).toMatchObject({ revenue, cost, profit: gross_profit })
    expect(await report('receivables')).toMatchObject({ total: books['receivables'], bills: 1 })
    expect(await report('stock')).toMatchObject({ on_hand: 860, value: inventory })
    expectAnswer(await read('/stocks/amber?warehouse_id=main'), 200, { on_hand: 860, value: inventory })
  }, 30_000)
})
