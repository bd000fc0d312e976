import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { disbursementFailed } from '@countinghouse/shared/contracts/loan'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { loans } from '../loans/store/collection.js'
import { booksOf } from '../testing/books.js'
import { openLoanHouse, type LoanHouse } from '../testing/house.js'
import { movements } from './store.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse({ LOAN_ANSWER_WITHIN_SECONDS: 0.2 })
})
afterAll(() => house.close())

const movementOf = async (loanId: string) => (await readsOn(house.db).find(movements, { loanId })).at(-1)
const stored = (loanId: string) => readsOn(house.db).findOne(loans, { _id: loanId })
const entriesFor = (movementId: string | undefined) =>
  house.wallets.entries.filter(({ reference }) => reference.id === movementId)
const repay = (loanId: string, userId: string, amount: number) =>
  house.call('post', `/loans/${loanId}/repayments`, { role: 'customer', userId, body: { amount } })
const stuck = async () =>
  (await house.call('get', '/loans/admin/movements', { role: 'admin' })).body as { id: string; loan_id: string }[]

test.each(['is down', 'is not heard'] as const)(
  'while wallet-service %s a repayment waits; asked again when it is back, it makes one entry',
  async (mood) => {
    const userId = mood.replaceAll(' ', '-')
    const loanId = await house.activeLoan(userId, { daysAgo: 35 })
    house.wallets.mood = mood
    const asked = house.wallets.asked
    expect((await repay(loanId, userId, 300)).status).toBe(202)
    await eventually(() => {
      expect(house.wallets.asked - asked).toBeGreaterThanOrEqual(3)
    })
    expect(await movementOf(loanId)).toMatchObject({ status: 'PENDING' })
    house.wallets.mood = 'answers'
    await eventually(async () => expect(await movementOf(loanId)).toMatchObject({ status: 'COMPLETED' }))
    const movement = await movementOf(loanId)
    expect(entriesFor(movement?._id)).toHaveLength(1)
    expect(await stored(loanId)).toMatchObject({ eventCount: 2 })
    const { posted, booked, folded } = await booksOf(house, loanId)
    expect([posted, booked]).toEqual([booked, folded])
  },
)

/** A loan that was taken back after its payment failed, whose money comes nevertheless. */
const lateCredit = async (userId: string): Promise<string> => {
  const { id } = (await house.apply(userId)).body as { id: string }
  await house.approve(id)
  const failure = { loan_id: id, user_id: userId, code: 'wallet_frozen', reason: 'The wallet is frozen' }
  await publishEvent(
    house.rabbitmqUrl,
    newEvent(disbursementFailed, id, { ...failure, failed_at: '2026-11-21T10:00:00Z' }),
  )
  await eventually(async () => expect(await stored(id)).toMatchObject({ disbursement: { status: 'FAILED' } }))
  const withdrawn = await house.call('post', `/loans/${id}/withdraw`, { role: 'staff', body: {} })
  expect(withdrawn.body).toMatchObject({ status: 'WITHDRAWN' })
  await house.credit(id, userId)
  return id
}

test('money that comes for a withdrawn loan goes back by an entry of its own', async () => {
  const loanId = await lateCredit('tardy')
  await eventually(async () =>
    expect(await stored(loanId)).toMatchObject({ status: 'WITHDRAWN', disbursement: { status: 'RETURNED' } }),
  )
  expect(house.wallets.balances.get('tardy')).toBe(0n)
  const movement = await movementOf(loanId)
  expect(entriesFor(movement?._id)).toMatchObject([
    {
      postings: [
        { user_id: 'tardy', side: 'debit', amount: '25000.00' },
        { account_id: 'house:loans_receivable:USD', side: 'credit', amount: '25000.00' },
      ],
    },
  ])
  expect((await booksOf(house, loanId)).posted).toEqual({})
})

test('if the money is spent by then, an admin sees it, and it goes back once the wallet has it', async () => {
  house.wallets.balances.set('spender', -25_000_00n)
  const loanId = await lateCredit('spender')
  await eventually(async () => expect(await movementOf(loanId)).toMatchObject({ status: 'STUCK' }))
  const [shown, ...others] = await stuck()
  expect(others).toEqual([])
  expect(shown).toMatchObject({
    ...{ loan_id: loanId, kind: 'late-credit-return', amount: 25000, status: 'STUCK', user_id: 'spender' },
    failure: { code: 'insufficient_funds' },
  })
  expect(await stored(loanId)).toMatchObject({ disbursement: { status: 'COMPLETED' } })
  const retry = () => house.call('post', `/loans/admin/movements/${shown?.id ?? ''}/retry`, { role: 'admin' })
  expect((await retry()).body.code).toBe('insufficient_funds')
  house.wallets.balances.set('spender', 25_000_00n)
  expect((await retry()).body).toMatchObject({ status: 'COMPLETED' })
  expect(await stored(loanId)).toMatchObject({ disbursement: { status: 'RETURNED' } })
  expect(await stuck()).toEqual([])
  expect((await retry()).body.code).toBe('movement_not_stuck')
  expect((await house.call('get', '/loans/admin/movements', { role: 'staff' })).status).toBe(403)
})

test('what a mistaken charge brought in goes back to the wallet by itself', async () => {
  const loanId = await house.activeLoan('charged', { daysAgo: 3 })
  house.wallets.balances.set('charged', 90_000_00n)
  const post = (path: string, body: object) =>
    house.call('post', `/loans/${loanId}${path}`, { role: 'admin', body: { reason: 'Test', ...body } })
  const { body: charged } = await post('/charges', { part: 'fees', amount: 50 })
  const { body: paid } = await repay(loanId, 'charged', charged.outstanding as number)
  expect(paid).toMatchObject({ loan_status: 'CLOSED', allocation: { fees: 50 } })
  const before = house.wallets.balances.get('charged') ?? 0n
  const taken = await post(`/events/${charged.event_id as string}/reverse`, {})
  expect(taken.body).toMatchObject({ status: 'CLOSED', credit_balance: 50, outstanding: 0 })
  await eventually(() => {
    expect(house.wallets.balances.get('charged')).toBe(before + 50_00n)
  })
  await eventually(async () => {
    const { body } = await house.call('get', `/loans/${loanId}`, { role: 'viewer' })
    expect(body).toMatchObject({ status: 'CLOSED', credit_balance: 0 })
  })
  expect((await post(`/events/${charged.event_id as string}/reverse`, {})).body.code).toBe('already_reversed')
  const { posted, booked, folded } = await booksOf(house, loanId)
  expect([posted, booked]).toEqual([booked, folded])
})
