import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inTransaction, native } from '@countinghouse/shared/mongo/transaction'
import { openLoanHouse, modest, type LoanHouse } from '../testing/house.js'
import { loans } from './store/collection.js'

let house: LoanHouse
/** Five loans of two borrowers, oldest first, entered around midnight in Kolkata (18:30 UTC). */
const ids: string[] = []
const entered = [
  ['asha', 1000, '2026-11-19T18:29:59.999Z'],
  ['asha', 2000, '2026-11-19T18:30:00.000Z'],
  ['asha', 3000, '2026-11-20T18:29:59.999Z'],
  ['ravi', 4000, '2026-11-20T18:30:00.000Z'],
  ['ravi', 5000, '2026-11-20T18:30:00.000Z'],
] as const

beforeAll(async () => {
  house = await openLoanHouse()
  for (const [userId, amount, createdAt] of entered) {
    const { id } = (await house.apply(userId, { ...modest, amount })).body
    await inTransaction(house.db, (tx) => tx.update(loans, { _id: id }, { $set: { createdAt: new Date(createdAt) } }))
    ids.push(id)
  }
  await house.approve(ids[3] ?? '')
  await house.call('patch', `/loans/${ids[4] ?? ''}`, { role: 'admin', body: { status: 'REJECTED' } })
})
afterAll(() => house.close())

type Reader = { role: 'staff' | 'admin' | 'viewer' | 'customer' | 'vendor'; userId?: string }
const list = (query: object, reader: Reader = { role: 'viewer' }) => house.call('get', '/loans', { ...reader, query })
const amountsIn = (body: { amount: number }[]) => body.map(({ amount }) => amount)
const amounts = async (query: object, reader?: Reader) => amountsIn((await list(query, reader)).body)

test('everyone of the house sees all loans, newest first, a borrower their own', async () => {
  for (const role of ['staff', 'admin', 'viewer'] as const)
    expect(await amounts({}, { role })).toEqual([5000, 4000, 3000, 2000, 1000])
  expect(await amounts({}, { role: 'customer', userId: 'asha' })).toEqual([3000, 2000, 1000])
  expect(await amounts({}, { role: 'vendor', userId: 'nobody' })).toEqual([])
})

test.each([
  [{ status: 'PENDING' }, [3000, 2000, 1000]],
  [{ status: 'APPLIED' }, [3000, 2000, 1000]],
  [{ status: 'APPROVED' }, [4000]],
  [{ decision: 'REJECTED' }, [5000]],
  [{ decision: 'PENDING', min_amount: 2000 }, [3000, 2000]],
  [{ min_amount: '2000.00', max_amount: 4000 }, [4000, 3000, 2000]],
  [{ from: '2026-11-20', to: '2026-11-20' }, [3000, 2000]],
  [{ from: '2026-11-21' }, [5000, 4000]],
  [{ to: '2026-11-19' }, [1000]],
  [{ from: '2026-11-21', to: '2026-11-19' }, []],
  [{ customer_id: 'unknown' }, []],
])('%j finds %j', async (query, found) => {
  expect(await amounts(query)).toEqual(found)
})

test('a customer’s loans are found by staff, and by no other customer', async () => {
  const { customer_id } = (await list({ max_amount: 1000 })).body[0]
  expect(await amounts({ customer_id })).toEqual([3000, 2000, 1000])
  expect(await amounts({ customer_id }, { role: 'customer', userId: 'asha' })).toEqual([3000, 2000, 1000])
  expect(await amounts({ customer_id }, { role: 'customer', userId: 'ravi' })).toEqual([])
})

test('a list comes in pages that say how many there are', async () => {
  const { body, headers } = await list({ page: 2, page_size: 2, status: 'PENDING' })
  expect(amountsIn(body)).toEqual([1000])
  expect(headers).toMatchObject({ 'x-total-count': '3', 'x-page': '2', 'x-page-size': '2' })
  expect(headers['link']).toContain('rel="prev"')
  expect((await list({ page_size: 500 })).headers['x-page-size']).toBe('100')
})

test.each([
  { page: 0 },
  { page_size: 0 },
  { page: 'x' },
  { status: 'LATE' },
  { decision: 'ACTIVE' },
  { min_amount: -1 },
  { from: '2026-02-30' },
  { sort: 'x' },
  { ordering: 'purpose' },
  { ordering: '-amount,' },
  { overdue: 'maybe' },
])('%j is no query', async (query) => {
  expect((await list(query)).status).toBe(422)
})

test('a list comes in the order asked for', async () => {
  expect(await amounts({ ordering: 'amount' })).toEqual([1000, 2000, 3000, 4000, 5000])
  expect(await amounts({ ordering: '-risk_score,amount', max_amount: 3000 })).toEqual([3000, 2000, 1000])
})

test('overdue are running loans with an instalment that fell due before today and is not paid', async () => {
  const summary = (oldestUnpaidDueOn: string) => ({
    principalOutstandingMinor: 1n,
    oldestUnpaidDueOn,
    lastDueOn: '2029-11-21',
    asOf: '2026-11-21',
  })
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kolkata' }).format(new Date())
  const dueOn = ['2026-11-20', today]
  const lent = await Promise.all(dueOn.map(() => house.apply('late', { ...modest, amount: 7000 })))
  for (const [index, { body }] of lent.entries())
    await inTransaction(house.db, (tx) =>
      tx.update(loans, { _id: body.id }, { $set: { status: 'ACTIVE', summary: summary(dueOn[index] ?? '') } }),
    )
  const idsIn = async (query: object) => (await list(query)).body.map(({ id }: { id: string }) => id)
  expect(await idsIn({ overdue: true })).toEqual([lent[0]?.body.id])
  expect(await idsIn({ overdue: false, status: 'ACTIVE' })).toEqual([lent[1]?.body.id])
})

test('another’s loan is as unknown as one that does not exist', async () => {
  const read = (id: string, reader: Reader) => house.call('get', `/loans/${id}`, reader)
  const [first = ''] = ids
  expect((await read(first, { role: 'customer', userId: 'asha' })).body).toMatchObject({ id: first, amount: 1000 })
  expect((await read(first, { role: 'viewer' })).status).toBe(200)
  for (const userId of ['ravi', 'nobody']) {
    const { status, body } = await read(first, { role: 'customer', userId })
    expect([status, body.code, body.loan_id]).toEqual([404, 'loan_not_found', first])
  }
  expect((await read('unknown', { role: 'customer', userId: 'asha' })).status).toBe(404)
})

test('the applications that wait for a decision are listed for admins alone', async () => {
  const pending = await house.call('get', '/api/v1/loans/admin/pending/', { role: 'admin', query: { page_size: 2 } })
  expect(amountsIn(pending.body)).toEqual([3000, 2000])
  expect(pending.headers['x-total-count']).toBe('3')
  for (const role of ['staff', 'viewer', 'customer'] as const)
    expect((await house.call('get', '/loans/admin/pending', { role })).status).toBe(403)
})

test.each([
  {},
  { status: 'APPLIED' },
  { decision: 'PENDING' },
  { customerId: 'x' },
  { createdAt: { $gte: new Date() } },
] as const)('a list by %j comes in order from an index', async (filter) => {
  const plan = await native(house.db, loans)
    .find(filter)
    .sort({ createdAt: -1, _id: -1 })
    .limit(20)
    .explain('queryPlanner')
  expect(JSON.stringify(plan['queryPlanner'].winningPlan)).toContain('IXSCAN')
  expect(JSON.stringify(plan['queryPlanner'].winningPlan)).not.toContain('"SORT"')
})
