import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { loans } from '../loans/store/collection.js'
import { atOnce, modest, openLoanHouse, tally, type LoanHouse } from '../testing/house.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

const offer = (body: object) => house.call('post', '/loan-products', { role: 'admin', body })
const read = (id: string, query: object = {}) => house.call('get', `/loan-products/${id}`, { role: 'customer', query })
const change = (id: string, body: object, ifMatch?: number) =>
  house.call('patch', `/loan-products/${id}`, { role: 'admin', body, ...(ifMatch !== undefined && { ifMatch }) })
const remove = (id: string) => house.call('delete', `/loan-products/${id}`, { role: 'admin' })

test('there is always a plain loan at 12 %', async () => {
  const { status, body } = await read('standard')
  expect(status).toBe(200)
  expect(body).toMatchObject({ version: 1, annual_rate: 12, method: 'equal_instalment', day_count: 'THIRTY_360' })
  expect((await remove('standard')).body.code).toBe('product_needed')
})

const van = {
  ...{ id: 'van', name: 'Van loan', min_amount: 1000, max_amount: 30000, min_term_months: 6, max_term_months: 60 },
  ...{
    annual_rate: 9.5,
    min_annual_rate: 8,
    max_annual_rate: '11.25',
    frequency: 'quarterly',
    method: 'equal_principal',
  },
  grace: { principal_periods: 1 },
  rounding: { smooth: false, multiple_of: 0.05 },
  origination_fee: { charge: { percent: 1, max: 200 }, taken: 'deducted' },
  late_fee: { charge: { amount: 15 }, grace_days: 5, total_max: 60 },
  penalty: { daily_percent: 0.05, grace_days: 3 },
  allocation: ['interest', 'principal', 'fees', 'penalties'],
}

test('an admin offers a product with terms of its own; everyone reads them', async () => {
  const offered = await offer(van)
  expect(offered.status).toBe(201)
  expect(offered.body).toMatchObject({
    ...van,
    ...{ version: 1, max_annual_rate: 11.25, day_count: 'THIRTY_360', created_by: 'admin-user', replaced_at: null },
    grace: { principal_periods: 1, moratorium_periods: 0, moratorium_interest: 'accrue' },
    penalty: { daily_percent: 0.05, grace_days: 3, total_max: null },
  })
  expect((await read('van')).body).toEqual(offered.body)
  const list = await house.call('get', '/loan-products', { role: 'viewer' })
  expect(list.body.map(({ id }: { id: string }) => id)).toEqual(['standard', 'van'])
  expect((await offer(van)).body.code).toBe('product_exists')
  for (const role of ['staff', 'customer'] as const)
    expect((await house.call('post', '/loan-products', { role, body: { name: 'Mine' } })).status).toBe(403)
})

test.each<[string, object, string]>([
  ['a largest amount below the smallest', { min_amount: 10, max_amount: 9.99 }, 'max_amount'],
  ['a longest term below the shortest', { min_term_months: 10, max_term_months: 9 }, 'max_term_months'],
  ['a highest rate below the lowest', { min_annual_rate: 10, max_annual_rate: 9.9999 }, 'max_annual_rate'],
  ['a rate outside its range', { annual_rate: 7, min_annual_rate: 8 }, 'annual_rate'],
  ['an order of allocation with gaps', { allocation: ['principal', 'interest'] }, 'allocation'],
  ['an unknown method', { method: 'balloon' }, 'method'],
  ['a field that is none', { risk: 1 }, 'risk'],
])('a product with %s is refused', async (_what, body, field) => {
  const answer = await offer({ name: 'Wrong', ...body })
  expect(answer.status).toBe(422)
  expect(answer.body.errors[0].loc).toContain(field)
})

test('a change is the next version: loans keep the one they were made on, and no version is ever lost', async () => {
  const before = await house.apply('van-driver', { ...modest, product_id: 'van' })
  expect(before.body).toMatchObject({ product_id: 'van', product_version: 1, annual_rate: 9.5 })
  const changed = await change('van', { annual_rate: 10, late_fee: null }, 1)
  expect([changed.status, changed.headers['etag']]).toEqual([200, '"2"'])
  expect(changed.body).toMatchObject({
    version: 2,
    annual_rate: 10,
    late_fee: null,
    name: 'Van loan',
    frequency: 'quarterly',
  })
  expect((await change('van', { name: 'x' }, 1)).status).toBe(412)
  expect((await house.apply('van-driver', { ...modest, product_id: 'van' })).body).toMatchObject({
    product_version: 2,
    annual_rate: 10,
  })
  expect(await readsOn(house.db).findOne(loans, { _id: before.body.id })).toMatchObject({
    productVersion: 1,
    annualRate: '9.5',
    product: { lateFee: { charge: { flatMinor: 15_00n }, graceDays: 5, totalMaxMinor: 60_00n } },
  })
  expect((await read('van', { version: 1 })).body).toMatchObject({ version: 1, annual_rate: 9.5 })
  expect((await read('van', { version: 9 })).status).toBe(404)
  const versions = await house.call('get', '/loan-products/van/versions', { role: 'staff' })
  expect(versions.body.map(({ version }: { version: number }) => version)).toEqual([2, 1])
})

test('changes made at once are versions one after another', async () => {
  await offer({ id: 'busy', name: 'Busy' })
  const answers = await atOnce(5, (index) => change('busy', { annual_rate: 10 + index }))
  expect(tally(answers)).toEqual({ 200: 5 })
  expect((await read('busy')).body.version).toBe(6)
  const guarded = await atOnce(3, () => change('busy', { description: 'one wins' }, 6))
  expect(tally(guarded)).toEqual({ 200: 1, 412: 2 })
})

test('a borrower gets the product’s rate, staff one within its range, and nobody what it does not lend', async () => {
  const asBorrower = (body: object) => house.apply('picky', { ...modest, product_id: 'van', ...body })
  expect((await asBorrower({ amount: 30000.01 })).body).toMatchObject({
    code: 'amount_outside_product',
    field: 'amount',
  })
  expect((await asBorrower({ term_months: 61 })).body.code).toBe('term_outside_product')
  expect((await asBorrower({ term_months: 13 })).body.code).toBe('term_not_in_quarters')
  expect((await asBorrower({ product_id: 'none' })).status).toBe(404)
  const customer = await house.addCustomer({ email: 'rate@example.com' })
  const enter = (annual_rate: number) => house.enter(customer.body.id, { ...modest, product_id: 'van', annual_rate })
  expect((await enter(11.25)).body.annual_rate).toBe(11.25)
  expect((await enter(11.26)).body).toMatchObject({ status: 422, code: 'rate_outside_product' })
})

test('a product that is withdrawn is offered no more, and its id stays used', async () => {
  await offer({ id: 'gone', name: 'Gone' })
  expect((await remove('gone')).status).toBe(204)
  expect((await read('gone')).status).toBe(404)
  expect((await house.apply('late', { ...modest, product_id: 'gone' })).body.code).toBe('product_not_found')
  expect((await offer({ id: 'gone', name: 'Back' })).body.code).toBe('product_exists')
  expect((await read('gone', { version: 1 })).status).toBe(200)
})
