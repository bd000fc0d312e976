import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { startTestSystem, type TestSystem } from './system.js'

let system: TestSystem
let admin: string
beforeAll(async () => {
  system = await startTestSystem({ serviceEnvironment: { 'inventory-service': { SAMPLE_DATA: 'off' } } })
  admin = await system.adminToken()
})
afterAll(() => system.close())

type Body = Record<string, unknown>
const post = (path: string, body: Body) => system.api.post(path, { token: admin, key: randomUUID(), body })
const read = async (path: string) => expectAnswer(await system.api.get(path, { token: admin }), 200)

/** The balances of the house's accounts for trade. */
const balances = async (): Promise<Record<string, number>> => {
  const path = '/ledger/accounts?kind=house&page_size=100'
  const accounts = (await system.api.get(path, { token: admin })).body as Body[]
  const named = accounts.map(({ id, balance }) => [String(id).split(':')[1] ?? '', Number(balance)] as const)
  return Object.fromEntries(named.filter(([, balance]) => balance !== 0))
}

test('what is sold, paid by card, declined, brought back and refunded is in the books, and they balance', async () => {
  expectAnswer(await post('/trade-customers', { id: 'CUST-001', name: 'ABC Grocery' }), 201)
  expectAnswer(await post('/items', { id: 'amber', name: 'Bottle 500ml', type: 'bottle' }), 201)
  expectAnswer(await post('/stocks/adjustments', { item_id: 'amber', delta: 950, reason: 'opening', value: 2000 }), 201)
  const line_items = [{ item_id: 'amber', quantity: 100, unit_price: 4 }]
  const number = String(expectAnswer(await post('/sales', { customer_id: 'CUST-001', line_items }), 201)['bill_number'])
  const pay = (payment_method: string, amount: number) =>
    post(`/sales/${number}/payments`, { method: 'card', payment_method, amount })
  const declined = await pay('pm_card_visa_chargeDeclinedInsufficientFunds', 300)
  expectAnswer(declined, 402, { code: 'payment_declined', retry: true, payment_status: 'failed' })
  const paid = expectAnswer(await pay('pm_card_visa', 300), 201, { status: 'succeeded', payment_status: 'partial' })
  const back = { line_items: [{ item_id: 'amber', quantity: 10 }], reason: 'Caps leak' }
  expectAnswer(await post(`/sales/${number}/returns`, back), 201, { credited: 40 })
  const asked = { method: 'card', payment_id: paid['id'], amount: 100, reason: 'Paid too much' }
  expect([201, 202]).toContain((await post(`/sales/${number}/refunds`, asked)).status)

  await eventually(async () => {
    const refunds = (await system.api.get(`/sales/${number}/refunds`, { token: admin })).body
    expect(refunds).toMatchObject([{ status: 'succeeded' }])
  })
  expect(await read(`/sales/${number}`)).toMatchObject({ paid_amount: 200, credited_amount: 40, amount_due: 160 })
  const attempts = (await system.api.get(`/sales/${number}/payments`, { token: admin })).body
  expect(attempts).toMatchObject([{ status: 'failed' }, { status: 'succeeded' }])
  // What each step owes the books reaches them by an event, a moment later.
  await eventually(async () => {
    const books = await balances()
    expect(books).toMatchObject({ receivables: 160, sales_revenue: 400, sales_returns: -40, opening_balances: 2000 })
    expect(books['clearing'] ?? 0).toBe(0)
    expect(Number(books['inventory']) + Number(books['cost_of_goods_sold'])).toBeCloseTo(2000, 6)
    expect(Number(books['payment_provider']) + Number(books['provider_fees'] ?? 0)).toBeCloseTo(200, 6)
  }, 30_000)
  expectAnswer(await system.api.get('/ledger/trial-balance', { token: admin }), 200, { balanced: true })
})
