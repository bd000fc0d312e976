import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  disbursementFailed,
  loanActivated,
  loanApplied,
  loanApproved,
  loanRejected,
} from '@countinghouse/shared/contracts/loan'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { reportingService } from '../app.js'
import { groupLoans } from './store.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService)
})
afterAll(() => service.close())

const get = (query: object = {}) => request(service.url).get('/api/v1/reports/portfolio').query(query)
const asAdmin = (query: object = {}) => get(query).set('authorization', `Bearer ${service.tokens.userToken('admin')}`)
const publish = (event: Envelope, times?: number) => publishEvent(service.rabbitmqUrl, event, times)

type Applied = { loanId: string; on: string; amountMinor?: bigint; currency?: string; riskScore?: number }
const applied = ({ loanId, on, amountMinor = 1_000_000n, currency = 'USD', riskScore = 0.25 }: Applied) =>
  newEvent(loanApplied, loanId, {
    loan_id: loanId,
    customer_id: 'c1',
    amount_minor: amountMinor,
    currency,
    term_months: 12,
    risk_score: riskScore,
    applied_at: on,
  })
const of = (loanId: string) => ({ loan_id: loanId, customer_id: 'c1' })
const now = '2026-11-21T09:30:00.000Z'
const approved = (loanId: string) =>
  newEvent(loanApproved, loanId, {
    ...of(loanId),
    user_id: 'u1',
    amount_minor: 1_000_000n,
    currency: 'USD',
    approved_at: now,
  })
const activated = (loanId: string) =>
  newEvent(loanActivated, loanId, { ...of(loanId), entry_id: 'e1', activated_at: now })
const rejected = (loanId: string) => newEvent(loanRejected, loanId, { ...of(loanId), reason: null, rejected_at: now })
const notPaidOut = (loanId: string) =>
  newEvent(disbursementFailed, loanId, {
    loan_id: loanId,
    user_id: 'u1',
    code: 'wallet_frozen',
    reason: 'The wallet is frozen',
    failed_at: now,
  })

// Each test has a year to itself.
const in2001 = { from: '2001-01-01', to: '2001-12-31' }

test('a range without loans gives zeros, with every status present', async () => {
  const { status, body } = await asAdmin({ from: '1999-01-01', to: '1999-12-31' })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    from: '1999-01-01',
    to: '1999-12-31',
    tz: 'Asia/Kolkata',
    total: 0,
    by_status: { PENDING: 0, APPROVED: 0, REJECTED: 0 },
    by_lifecycle: { APPLIED: 0, APPROVED: 0, ACTIVE: 0, CLOSED: 0, REJECTED: 0, WITHDRAWN: 0, WRITTEN_OFF: 0 },
    avg_risk_score: 0,
    sum_amount: 0,
    currency: 'USD',
    by_currency: {},
    generated_at: expect.any(String),
  })
})

test('the report follows each loan from its application to its end', async () => {
  const on = '2001-06-01T12:00:00.000Z'
  await publish(applied({ loanId: 'a', on, amountMinor: 2_500_000n, riskScore: 0.2875 }))
  await publish(applied({ loanId: 'b', on, amountMinor: 10_050n, riskScore: 0.6 }))
  await publish(applied({ loanId: 'c', on, amountMinor: 1n, riskScore: 0.81 }))
  await publish(approved('a'))
  await publish(activated('a'))
  await publish(approved('b'))
  await publish(notPaidOut('b'))
  const last = rejected('c')
  await publish(last)
  await eventually(async () => {
    const { body } = await asAdmin(in2001)
    expect(body).toMatchObject({
      total: 3,
      by_status: { PENDING: 0, APPROVED: 2, REJECTED: 1 },
      by_lifecycle: { APPROVED: 1, ACTIVE: 1, REJECTED: 1 },
      avg_risk_score: 0.5658,
      sum_amount: 25_100.51,
      by_currency: { USD: { total: 3, sum_amount: 25_100.51 } },
      as_of: last.time,
    })
  })
})

test('it is a file and a picture too', async () => {
  const get = (path: string, query: object) =>
    request(service.url).get(`/api/v1/reports/portfolio${path}`).query(query).set('authorization', `Bearer ${service.tokens.userToken('admin')}`) // prettier-ignore
  const { text } = await get('', { ...in2001, format: 'csv' })
  expect(text.split('\r\n').sort()).toEqual(
    expect.arrayContaining(['ACTIVE,USD,1,25000.00,0.2875', 'REJECTED,USD,1,0.01,0.81', 'status,currency,loans,amount,avg_risk_score']), // prettier-ignore
  )
  const { body } = await get('/chart.svg', in2001)
  for (const words of ['>loans<', '>written off<']) expect((body as Buffer).toString()).toContain(words)
})

test('an event that is delivered five times counts once', async () => {
  const on = '2002-06-01T12:00:00.000Z'
  await publish(applied({ loanId: 'five', on }), 5)
  await publish(activated('five'), 5)
  await publish(applied({ loanId: 'after', on }))
  await eventually(async () => {
    const { body } = await asAdmin({ from: '2002-01-01', to: '2002-12-31' })
    expect(body).toMatchObject({ total: 2, by_lifecycle: { APPLIED: 1, ACTIVE: 1 }, sum_amount: 20_000 })
  })
})

test('a loan counts from the moment its application is known, whatever was heard of it before', async () => {
  await publish(activated('late'))
  await publish(notPaidOut('late'))
  await publish(applied({ loanId: 'other', on: '2003-06-01T12:00:00.000Z' }))
  const in2003 = { from: '2003-01-01', to: '2003-12-31' }
  await eventually(async () => expect((await asAdmin(in2003)).body).toMatchObject({ total: 1 }))
  await publish(applied({ loanId: 'late', on: '2003-06-01T12:00:00.000Z' }))
  await eventually(async () => {
    const { body } = await asAdmin(in2003)
    expect(body).toMatchObject({ total: 2, by_lifecycle: { APPLIED: 1, APPROVED: 0, ACTIVE: 1 } })
  })
})

test('the days of a range are those of the business, or of the zone that is asked for', async () => {
  // In Kolkata the first of January from its first moment on; in UTC still the year before.
  await publish(applied({ loanId: 'new-year', on: '2004-12-31T18:30:00.000Z' }))
  await publish(applied({ loanId: 'new-years-eve', on: '2004-12-31T18:29:59.999Z' }))
  const day = (date: string, tz?: string) => asAdmin({ from: date, to: date, ...(tz && { tz }) })
  await eventually(async () => expect((await day('2004-12-31', 'UTC')).body).toMatchObject({ total: 2, tz: 'UTC' }))
  expect((await day('2005-01-01')).body).toMatchObject({ total: 1, tz: 'Asia/Kolkata' })
  expect((await day('2004-12-31')).body).toMatchObject({ total: 1 })
  expect((await day('2005-01-01', 'UTC')).body).toMatchObject({ total: 0 })
})

test('loans in other currencies are counted, and their amounts kept apart', async () => {
  const on = '2006-06-01T12:00:00.000Z'
  await publish(applied({ loanId: 'yen', on, amountMinor: 90_000n, currency: 'JPY' }))
  await publish(applied({ loanId: 'dollar', on, amountMinor: 90_000n }))
  await eventually(async () => {
    const { body } = await asAdmin({ from: '2006-01-01', to: '2006-12-31' })
    expect(body).toMatchObject({
      total: 2,
      currency: 'USD',
      sum_amount: 900,
      by_currency: { JPY: { total: 1, sum_amount: 90_000 }, USD: { total: 1, sum_amount: 900 } },
    })
  })
})

test('sums are exact beyond what 64 bits hold', async () => {
  const { db } = service
  const loan = {
    status: 'APPLIED',
    sequence: 0,
    currency: 'INR',
    riskTenThousandths: 1,
    customerId: 'c',
    lastEventAt: new Date(0),
  }
  const amountMinor = 9_000_000_000_000_000_001n
  const appliedAt = new Date('2007-06-01T12:00:00.000Z')
  const loans = ['big1', 'big2'].map((_id) => ({ _id: _id as never, ...loan, amountMinor, appliedAt }))
  await db.collection('portfolio_loans').insertMany(loans)
  const groups = await groupLoans(readsOn(db), { from: new Date('2007-01-01'), before: new Date('2008-01-01') })
  expect(groups).toEqual([
    { status: 'APPLIED', currency: 'INR', loans: 2, amountMinor: 18_000_000_000_000_000_002n, riskTenThousandths: 2n },
  ])
})

test('the portfolio is for admins', async () => {
  expect((await get()).status).toBe(401)
  for (const role of ['staff', 'viewer', 'vendor', 'customer'] as const) {
    const refused = await get().set('authorization', `Bearer ${service.tokens.userToken(role)}`)
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({ code: 'forbidden' })
  }
})

test.each([
  [{ from: '2026-02-02', to: '2026-02-01' }, 'query.to'],
  [{ from: '2026-02-30' }, 'query.from'],
  [{ to: 'yesterday' }, 'query.to'],
  [{ tz: 'Mars/Base' }, 'query.tz'],
  [{ tz: '+05:30' }, 'query.tz'],
  [{ form: '2026-02-01' }, 'query.form'],
])('the query %j is refused', async (query, place) => {
  const { status, body } = await asAdmin(query)
  expect(status).toBe(422)
  expect((body as { errors: { loc: string[] }[] }).errors.map(({ loc }) => loc.join('.'))).toEqual([place])
})
