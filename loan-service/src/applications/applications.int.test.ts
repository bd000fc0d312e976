import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loanApplied } from '@countinghouse/shared/contracts/loan'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { atOnce, modest, openLoanHouse, reckless, tally, type LoanHouse } from '../testing/house.js'
import { loans } from '../loans/store/collection.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

const loansOf = (enteredBy: string) => readsOn(house.db).find(loans, { enteredBy })
const announcedFor = async (customerId: string) =>
  (await announced(house.db, loanApplied)).filter(
    ({ data }) => (data as { customer_id: string }).customer_id === customerId,
  )
const placesOf = (body: { errors: { loc: string[] }[] }) => body.errors.map(({ loc }) => loc.join('.'))

test('an application is scored, stored and announced together', async () => {
  const { status, body, headers } = await house.apply('asha')
  expect(status).toBe(201)
  expect(headers['etag']).toBe('"1"')
  expect(body).toMatchObject({
    ...modest,
    ...{ currency: 'USD', annual_rate: 12, status: 'APPLIED', decision: 'PENDING', entered_by: 'asha' },
    ...{ risk_score: 0.2875, approval_blocked: false, max_amount: null, min_term_months: null, disbursement: null },
  })
  expect(body).toMatchObject({ product_id: 'standard', product_version: 1, approvals: { given: 0, needed: 1 } })
  // The figures of numpy-financial for 25000 at 1 % a month over 36 months.
  expect(body.offer).toMatchObject({ instalment: 830.36, us_apr: 12, amount_financed: 25000 })
  expect(await loansOf('asha')).toMatchObject([
    { _id: body.id, amountMinor: 25_000_00n, riskScore: 0.2875, version: 1 },
  ])
  const [event, ...others] = await announcedFor(body.customer_id)
  expect(others).toEqual([])
  expect(event).toMatchObject({
    subject: body.id,
    actor: 'user:asha',
    data: { loan_id: body.id, amount_minor: '2500000', currency: 'USD', term_months: 36, risk_score: 0.2875 },
  })
})

test('an application that could not be approved says so, why, and what could', async () => {
  const { status, body } = await house.apply('ravi', { ...reckless, amount: '60000.00' })
  expect(status).toBe(201)
  expect(body).toMatchObject({ approval_blocked: true, risk_reasons: { length: 4 } })
  expect(body.max_amount).toBeGreaterThan(0)
  expect((await house.apply('ravi', { ...reckless, amount: body.max_amount })).body.approval_blocked).toBe(false)
  expect((await house.apply('ravi', { ...reckless, term_months: body.min_term_months })).body.approval_blocked).toBe(
    false,
  )
})

test('a small loan may be asked for without stating an income, a larger one names what is missing', async () => {
  const small = await house.apply('mira', { amount: 5000, term_months: 12 })
  expect(small.body).toMatchObject({ income: null, expenses: null, risk_score: 0.5 })
  expect(small.body.risk_reasons).toMatchObject([{ code: 'INCOME_NOT_STATED', contribution: 0.5, value: null }])
  const large = await house.apply('mira', { amount: 5000.01, term_months: 12 })
  expect([large.status, large.body.code, ...placesOf(large.body)]).toEqual([422, 'income_required', 'body.income'])
})

test.each([
  ['a risk score', { risk_score: 0.1 }, 'body.risk_score'],
  ['a rate', { annual_rate: 1 }, 'body.annual_rate'],
  ['another’s customer record', { customer_id: 'x' }, 'body.customer_id'],
  ['no amount', { amount: undefined }, 'body.amount'],
  ['an amount of nothing', { amount: 0 }, 'body.amount'],
  ['parts of a cent', { amount: 10.001 }, 'body.amount'],
  ['a term of no months', { term_months: 0 }, 'body.term_months'],
  ['a negative income', { income: -1 }, 'body.income'],
  ['more than the house lends', { amount: 1_000_000.01 }, 'body.amount'],
  ['more time than the house gives', { term_months: 361 }, 'body.term_months'],
])('an application with %s is refused', async (_what, change, place) => {
  const { status, body } = await house.apply('picky', { ...modest, ...change })
  expect(status).toBe(422)
  expect(placesOf(body)).toEqual([place])
  expect(await loansOf('picky')).toEqual([])
})

test('staff enter loans for customers, at a rate of their own and beyond the limits of borrowers', async () => {
  const customer = await house.addCustomer({ email: 'entered@example.com' })
  const { status, body } = await house.enter(customer.body.id, {
    ...modest,
    amount: 2_000_000,
    term_months: 480,
    annual_rate: '7.1250',
  })
  expect(status).toBe(201)
  expect(body).toMatchObject({ customer_id: customer.body.id, entered_by: 'staff-user', annual_rate: 7.125 })
  for (const annual_rate of [-1, 100.5, 1.23456, '1e1', 'x'])
    expect(placesOf((await house.enter(customer.body.id, { ...modest, annual_rate })).body)).toEqual([
      'body.annual_rate',
    ])
  const unknown = await house.enter('nobody')
  expect([unknown.status, unknown.body.customer_id]).toEqual([404, 'nobody'])
})

test('borrowers apply, staff enter, viewers do neither', async () => {
  const tries = [
    ['/loans/apply', 'staff'], ['/loans/apply', 'admin'], ['/loans/apply', 'viewer'],
    ['/loans', 'customer'], ['/loans', 'vendor'], ['/loans', 'viewer'],
  ] as const // prettier-ignore
  for (const [path, role] of tries) expect((await house.call('post', path, { role, body: modest })).status).toBe(403)
  expect((await house.call('post', '/loans/apply', { role: 'vendor', userId: 'shop', body: modest })).status).toBe(201)
})

test('applications sent at once never open more loans than a borrower may have', async () => {
  const answers = await atOnce(20, () => house.apply('hasty'))
  const made = answers.filter(({ status }) => status === 201)
  expect(tally(answers)).toEqual({ 201: 3, 409: 17 })
  for (const { body } of answers.filter(({ status }) => status === 409))
    expect(body).toMatchObject({ code: 'open_loans_limit', open: 3, limit: 3 })
  expect(await loansOf('hasty')).toHaveLength(3)
  expect(await announcedFor(made[0]?.body.customer_id)).toHaveLength(3)
})

test('one application repeated at once is one loan with one answer', async () => {
  const answers = await atOnce(20, () => house.apply('insistent', modest, 'one-key'))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(19)
  expect(await loansOf('insistent')).toHaveLength(1)
  expect(await announcedFor(answers[0]?.body.customer_id)).toHaveLength(1)
  expect((await house.apply('insistent', { ...modest, amount: 1 }, 'one-key')).body.code).toBe('idempotency_key_reused')
})

test('a dry run answers the would-be loan with its schedule, keeps nothing and no key, and refuses as the act would', async () => {
  const dryRun = (body: object) =>
    house.call('post', '/loans/apply', {
      role: 'customer',
      userId: 'cautious',
      key: 'dry',
      query: { dry_run: true },
      body,
    })
  const { status, body } = await dryRun(modest)
  expect([status, body.dry_run, body.status, body.risk_score]).toEqual([200, true, 'APPLIED', 0.2875])
  expect(body.offer.rows).toHaveLength(36)
  expect(body.offer.rows.at(-1)).toMatchObject({ number: 36, balance: 0 })
  expect((await dryRun({ ...modest, amount: 2_000_000 })).body.code).toBe('amount_above_limit')
  expect(await loansOf('cautious')).toEqual([])
  const real = await house.apply('cautious', { ...modest, amount: 20_000 }, 'dry')
  expect([real.status, real.body.offer.rows]).toEqual([201, undefined])
})

test('what could never be repaid in its instalments is not lent', async () => {
  const { status, body } = await house.apply('stingy', { amount: 0.05, term_months: 36 })
  expect([status, body.code]).toEqual([422, 'terms_not_amortizing'])
})

test('the instalment of 100000 at 12 % over 12 months is 8884.88', async () => {
  const query = { principal: 100_000, annual_rate: 12, term_months: 12 }
  const { status, body } = await house.call('get', '/loans/emi', { role: 'customer', query })
  expect([status, body.emi]).toEqual([200, 8884.88])
  expect((await house.call('get', '/loans/emi', { role: 'staff', query: { ...query, annual_rate: 0 } })).body.emi).toBe(
    8333.33,
  )
  expect((await house.call('get', '/loans/emi', { role: 'staff', query: { ...query, term_months: 0 } })).status).toBe(
    422,
  )
})
