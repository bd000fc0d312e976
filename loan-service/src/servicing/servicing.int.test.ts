import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { booksOf } from '../testing/books.js'
import { atOnce, openLoanHouse, tally, type LoanHouse } from '../testing/house.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse({ LOAN_ANSWER_WITHIN_SECONDS: 0.5 })
})
afterAll(() => house.close())

const soon = new Date(Date.now() + 40 * 24 * 3600 * 1000).toISOString().slice(0, 10)

type Body = Record<string, unknown>
const act = (loanId: string, path: string, body: Body = {}, more: { userId?: string; query?: object } = {}) =>
  house.call('post', `/loans/${loanId}${path}`, {
    role: 'admin',
    userId: 'admin',
    body: { reason: 'Agreed', ...body },
    ...more,
  })
const repay = (loanId: string, userId: string, amount: number) =>
  house.call('post', `/loans/${loanId}/repayments`, { role: 'customer', userId, body: { amount } })
const read = async (loanId: string) =>
  (await house.call('get', `/loans/${loanId}`, { role: 'viewer' })).body as Body & { outstanding: number }
const expectBooksAgree = async (loanId: string) => {
  const { posted, booked, folded } = await booksOf(house, loanId)
  expect([posted, booked]).toEqual([booked, folded])
  return posted
}

test('a charge and a waiver change what is owed, and the waiver no more than that', async () => {
  const loanId = await house.activeLoan('adam', { daysAgo: 12 })
  const { outstanding } = await read(loanId)
  const { body: charged } = await act(loanId, '/charges', { part: 'penalties', amount: 40 })
  expect(charged.outstanding).toBe(outstanding + 40)
  expect((await act(loanId, '/waivers', { part: 'penalties', amount: 41 })).body.code).toBe('waiver_above_owed')
  expect((await act(loanId, '/waivers', { part: 'penalties', amount: 40 })).body.outstanding).toBe(outstanding)
  expect((await act(loanId, '/waivers', { part: 'principal', amount: 1 })).status).toBe(422)
  expect((await act(loanId, '/charges', { part: 'fees', amount: 5 }, { query: { dry_run: true } })).body).toMatchObject(
    {
      ...{ dry_run: true, outstanding: outstanding + 5 },
    },
  )
  expect((await read(loanId)).outstanding).toBe(outstanding)
  expect(await expectBooksAgree(loanId)).toMatchObject({ waivers: 40_00n, penalty_income: -40_00n })
  for (const path of ['/charges', '/waivers', '/write-off', '/write-off/undo', '/reschedule', '/recoveries'])
    expect((await house.call('post', `/loans/${loanId}${path}`, { role: 'staff', body: {} })).status).toBe(403)
})

test('nobody decides on what they owe themselves, and nothing is done without a reason', async () => {
  const loanId = await house.activeLoan('insider')
  const asBorrower = { userId: 'insider' }
  expect((await act(loanId, '/write-off', {}, asBorrower)).body.code).toBe('own_loan')
  expect((await act(loanId, '/waivers', { part: 'interest', amount: 1 }, asBorrower)).body.code).toBe('own_loan')
  for (const path of ['/write-off', '/write-off/undo'])
    expect((await act(loanId, path, { reason: null })).status).toBe(422)
})

test('a write-off takes the loan out of what is owed, a recovery gives some back, and only without one it is undone', async () => {
  const loanId = await house.activeLoan('berta', { daysAgo: 40 })
  const { outstanding } = await read(loanId)
  const { body: gone } = await act(loanId, '/write-off')
  expect(gone).toMatchObject({
    status: 'WRITTEN_OFF',
    outstanding: 0,
    write_off: { amount: outstanding, recovered: 0 },
  })
  expect((await repay(loanId, 'berta', 10)).body.code).toBe('illegal_transition')
  expect((await act(loanId, '/write-off/undo')).body).toMatchObject({ status: 'ACTIVE', outstanding })
  await act(loanId, '/write-off')
  expect((await act(loanId, '/recoveries', { amount: outstanding + 1 })).body.code).toBe('recovery_above_written_off')
  const recovery = await act(loanId, '/recoveries', { amount: 400 })
  expect(recovery).toMatchObject({ status: 201, body: { status: 'COMPLETED', loan_status: 'WRITTEN_OFF' } })
  expect((await act(loanId, '/write-off/undo')).body.code).toBe('recovered_since')
  expect(await expectBooksAgree(loanId)).toMatchObject({ recovery_income: -400_00n, wallet: -24_600_00n })
})

test('giving up a large sum takes two people; while money is on its way nobody may', async () => {
  const body = { amount: 60000, term_months: 60, purpose: 'Hall', income: 200000, expenses: 20000 }
  const loanId = await house.activeLoan('carl', { body })
  const first = await act(loanId, '/write-off')
  expect(first.body).toMatchObject({ status: 'ACTIVE', write_off: { approvals: { given: 1, needed: 2 }, amount: 0 } })
  expect((await act(loanId, '/write-off')).body.code).toBe('already_approved')
  house.wallets.mood = 'is down'
  expect((await repay(loanId, 'carl', 100)).status).toBe(202)
  const other = { userId: 'other-admin' }
  for (const path of ['/write-off', '/reschedule']) {
    const terms = path === '/reschedule' ? { first_due_date: soon, instalments: 12 } : {}
    expect((await act(loanId, path, terms, other)).body.code).toBe('money_under_way')
  }
  house.wallets.mood = 'answers'
  await eventually(async () => expect(await read(loanId)).toMatchObject({ outstanding: 59900 }), 20_000)
  const answers = await atOnce(2, () => act(loanId, '/write-off', {}, other))
  expect(tally(answers)).toEqual({ 200: 1, 409: 1 })
  expect(await read(loanId)).toMatchObject({ status: 'WRITTEN_OFF' })
  await expectBooksAgree(loanId)
})

test('new terms are shown before they are agreed, and repay what is owed', async () => {
  const loanId = await house.activeLoan('dirk', { daysAgo: 65 })
  const asked = { first_due_date: soon, instalments: 60, annual_rate: 6 }
  const dry = await act(loanId, '/reschedule', asked, { query: { dry_run: true } })
  type Plan = { instalment: number; outstanding: number; rows: { principal: number }[] }
  const { before, after } = dry.body as { before: Plan; after: Plan }
  expect([before.rows.length, after.rows.length, before.outstanding]).toEqual([36, 60, after.outstanding])
  expect(after.rows.reduce((sum, { principal }) => sum + principal, 0)).toBeCloseTo(25000, 2)
  expect(await read(loanId)).toMatchObject({ restructured_on: null, overdue: true })
  const done = await act(loanId, '/reschedule', asked)
  expect([done.status, done.body.after]).toEqual([200, after])
  expect(done.body).toMatchObject({ status: 'ACTIVE', overdue: false, next_due: { on: soon } })
  expect((await act(loanId, '/reschedule', { ...asked, first_due_date: '2020-01-01' })).body).toMatchObject({
    ...{ code: 'first_due_too_early', errors: [{ loc: ['body', 'first_due_date'] }] },
  })
  expect((await read(loanId)).restructured_on).not.toBeNull()
  await expectBooksAgree(loanId)
})

const SEEDS = Number(process.env['SEEDS'] ?? 2)
const STEPS = 14

test.each(Array.from({ length: SEEDS }, (_, seed) => seed + 1))(
  'whatever happens to a loan, the books show what its events come to (seed %i)',
  async (seed) => {
    const next = randomFrom(seed)
    const below = (limit: number) => Math.floor(next() * limit)
    const pick = <Item>(items: readonly Item[]) => items[below(items.length)] as Item
    const userId = `random-${seed.toString()}`
    const loanId = await house.activeLoan(userId, { daysAgo: 40 + below(80) })
    house.wallets.balances.set(userId, 200_000_00n)
    const [repayments, adjustments]: [string[], string[]] = [[], []]
    const amount = () => 1 + below(300_000) / 100
    const eventOf = (answer: { body: { event_id?: string } }) => answer.body.event_id ?? ''
    const steps = [
      async () => {
        const answer = await repay(loanId, userId, amount())
        repayments.push((answer.body as { id?: string }).id ?? '')
        return answer
      },
      async () => {
        const answer = await act(loanId, '/charges', { part: 'fees', amount: 20 })
        adjustments.push(eventOf(answer))
        return answer
      },
      async () => {
        const answer = await act(loanId, '/waivers', { part: 'interest', amount: 5 })
        adjustments.push(eventOf(answer))
        return answer
      },
      () => act(loanId, `/repayments/${pick(repayments) || 'none'}/reverse`),
      () => act(loanId, `/events/${pick(adjustments) || 'none'}/reverse`),
      async () => repay(loanId, userId, (await read(loanId)).outstanding),
      () => act(loanId, '/write-off'),
      () => act(loanId, '/write-off/undo'),
      () => act(loanId, '/recoveries', { amount: 50 }),
      () => act(loanId, '/reschedule', { first_due_date: soon, instalments: 3 + below(20) }),
    ]
    for (let step = 0; step < STEPS; step += 1) {
      house.wallets.mood = below(5) === 0 ? 'is not heard' : 'answers'
      const answer = await pick(steps)()
      expect(answer.status).toBeLessThan(500)
      house.wallets.mood = 'answers'
    }
    await eventually(async () => {
      const pending = await house.call('get', '/loans/admin/movements', { role: 'admin', query: { status: 'PENDING' } })
      expect(pending.body).toEqual([])
    }, 30_000)
    const posted = await expectBooksAgree(loanId)
    expect(posted['loans_receivable'] ?? 0n).toBe(
      BigInt(Math.round(((await read(loanId))['principal_outstanding'] as number) * 100)),
    )
  },
)
