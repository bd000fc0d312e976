import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inbox } from '@countinghouse/shared/messaging/inbox'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { loans } from '../loans/store/collection.js'
import { booksOf } from '../testing/books.js'
import { atOnce, openLoanHouse, tally, type LoanHouse } from '../testing/house.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

type Asked = { amount: number; excess?: string }
const repay = (loanId: string, userId: string, body: Asked, key?: string) =>
  house.call('post', `/loans/${loanId}/repayments`, { role: 'customer', userId, body, ...(key && { key }) })
const repaymentsOf = async (loanId: string) =>
  (await house.call('get', `/loans/${loanId}/repayments`, { role: 'viewer' })).body as Record<string, unknown>[]
const reverse = (loanId: string, repaymentId: string, key?: string) => {
  const path = `/loans/${loanId}/repayments/${repaymentId}/reverse`
  return house.call('post', path, { role: 'admin', ...(key && { key }) })
}
const outstandingOf = async (loanId: string): Promise<number> =>
  ((await house.call('get', `/loans/${loanId}`, { role: 'viewer' })).body as { outstanding: number }).outstanding
const stored = (loanId: string) => readsOn(house.db).findOne(loans, { _id: loanId })
const debitsOf = (userId: string) =>
  house.wallets.entries.filter(({ postings }) =>
    postings.some((posting) => posting.user_id === userId && posting.side === 'debit'),
  )
const expectBooksAgree = async (loanId: string) => {
  const { posted, booked, folded } = await booksOf(house, loanId)
  expect([posted, booked]).toEqual([booked, folded])
}

test('a repayment leaves the wallet once, pays interest before principal, and is in the books as one entry', async () => {
  const loanId = await house.activeLoan('anna', { daysAgo: 45 })
  const { status, body } = await repay(loanId, 'anna', { amount: 830.36 }, 'first')
  expect(status).toBe(201)
  expect(body).toMatchObject({ loan_id: loanId, amount: 830.36, status: 'COMPLETED', loan_status: 'ACTIVE' })
  expect(body.allocation).toEqual({ penalties: 0, fees: 0, interest: 250, principal: 580.36, credit: 0 })
  expect(body.outstanding).toBe(await outstandingOf(loanId))
  const [entry, ...others] = debitsOf('anna')
  expect(others).toEqual([])
  expect(entry?.postings).toEqual([
    { user_id: 'anna', currency: 'USD', side: 'debit', amount: '830.36' },
    { account_id: 'house:loans_receivable:USD', side: 'credit', amount: '580.36' },
    { account_id: 'house:interest_receivable:USD', side: 'credit', amount: '250.00' },
  ])
  await expectBooksAgree(loanId)
  expect(await repaymentsOf(loanId)).toMatchObject([{ id: body.id, allocation: { interest: 250 }, reversal: null }])
})

test('twenty repeats at once, and one afterwards, get the first answer; the wallet pays once', async () => {
  const loanId = await house.activeLoan('ben', { daysAgo: 40 })
  const answers = await atOnce(20, () => repay(loanId, 'ben', { amount: 500 }, 'same'))
  answers.push(await repay(loanId, 'ben', { amount: 500 }, 'same'))
  expect(tally(answers)).toEqual({ 201: 21 })
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(debitsOf('ben')).toHaveLength(1)
  expect(await repay(loanId, 'ben', { amount: 501 }, 'same')).toMatchObject({ status: 422 })
  expect((await stored(loanId))?.eventCount).toBe(2)
  await expectBooksAgree(loanId)
})

test('of two full repayments at once one closes the loan; nothing more than is owed is ever taken', async () => {
  const loanId = await house.activeLoan('cora', { daysAgo: 10 })
  house.wallets.balances.set('cora', 90_000_00n)
  const amount = await outstandingOf(loanId)
  expect((await repay(loanId, 'cora', { amount: amount + 0.01 })).body).toMatchObject({
    ...{ status: 422, code: 'repayment_above_outstanding' },
  })
  const answers = await atOnce(4, (index) => repay(loanId, 'cora', { amount }, `full-${index.toString()}`))
  expect(tally(answers.filter(({ status }) => status === 201))).toEqual({ 201: 1 })
  for (const { status, body } of answers.filter((answer) => answer.status !== 201))
    expect([status, body.code]).toEqual(
      status === 409 ? [409, 'illegal_transition'] : [422, 'repayment_above_outstanding'],
    )
  expect(answers.find(({ status }) => status === 201)?.body).toMatchObject({ outstanding: 0, loan_status: 'CLOSED' })
  expect(debitsOf('cora')).toHaveLength(1)
  expect((await repay(loanId, 'cora', { amount: 1 })).body.code).toBe('illegal_transition')
  await expectBooksAgree(loanId)
})

test('repayments of different parts at once all arrive', async () => {
  const loanId = await house.activeLoan('dora', { daysAgo: 70 })
  const before = await outstandingOf(loanId)
  const answers = await atOnce(8, (index) => repay(loanId, 'dora', { amount: 300 }, `part-${index.toString()}`))
  expect(tally(answers)).toEqual({ 201: 8 })
  expect(await outstandingOf(loanId)).toBeCloseTo(before - 2400, 2)
  await expectBooksAgree(loanId)
})

test('a wallet with too little pays nothing: refused with the shortage, kept as failed, and free to be tried anew', async () => {
  const loanId = await house.activeLoan('emil', { daysAgo: 5 })
  house.wallets.balances.set('emil', 99_00n)
  const [first, repeat] = [
    await repay(loanId, 'emil', { amount: 100 }, 'poor'),
    await repay(loanId, 'emil', { amount: 100 }, 'poor'),
  ]
  expect(first).toMatchObject({ status: 409, body: { code: 'insufficient_funds', shortage: 1 } })
  expect(repeat.text).toBe(first.text)
  expect(await repaymentsOf(loanId)).toMatchObject([{ status: 'FAILED', failure: { code: 'insufficient_funds' } }])
  house.wallets.balances.set('emil', 100_00n)
  expect((await repay(loanId, 'emil', { amount: 100 }, 'richer')).status).toBe(201)
  await expectBooksAgree(loanId)
})

test('an answer that nobody heard leaves the repayment pending; the event settles it, and repeats keep the first answer', async () => {
  const loanId = await house.activeLoan('fay', { daysAgo: 40 })
  const amount = await outstandingOf(loanId)
  house.wallets.mood = 'is not heard'
  const first = await repay(loanId, 'fay', { amount: 400 }, 'unheard')
  expect(first).toMatchObject({ status: 202, body: { status: 'PENDING', allocation: null, outstanding: amount } })
  house.wallets.mood = 'answers'
  expect(await repay(loanId, 'fay', { amount: amount - 399 })).toMatchObject({ status: 422 })
  const [entry] = debitsOf('fay')
  if (!entry) throw new Error('nothing was entered')
  const event = house.wallets.eventOf(entry)
  await publishEvent(house.rabbitmqUrl, event, 3)
  await eventually(async () => {
    expect(await repaymentsOf(loanId)).toMatchObject([{ status: 'COMPLETED', allocation: { interest: 250 } }])
  })
  await eventually(async () => expect(await readsOn(house.db).count(inbox, { eventId: event.id })).toBe(1))
  const repeat = await repay(loanId, 'fay', { amount: 400 }, 'unheard')
  expect([repeat.status, repeat.text]).toEqual([202, first.text])
  expect(debitsOf('fay')).toHaveLength(1)
  await expectBooksAgree(loanId)
})

test('others neither see nor pay a loan: strangers find nothing, the house only reads', async () => {
  const loanId = await house.activeLoan('gus')
  expect((await repay(loanId, 'stranger', { amount: 1 })).status).toBe(404)
  for (const role of ['staff', 'admin', 'viewer'] as const) {
    const path = `/loans/${loanId}/repayments`
    expect((await house.call('post', path, { role, body: { amount: 1 } })).status).toBe(403)
    expect((await house.call('get', path, { role })).status).toBe(200)
  }
  const asStranger = { role: 'customer', userId: 'stranger' } as const
  expect((await house.call('get', `/loans/${loanId}/repayments`, asStranger)).status).toBe(404)
  for (const amount of [0, -1, '1.001', 'much', null])
    expect((await repay(loanId, 'gus', { amount } as Asked)).status).toBe(422)
  const { body } = await house.apply('hopeful')
  expect((await repay(body.id, 'hopeful', { amount: 1 })).body.code).toBe('illegal_transition')
  expect(house.wallets.entries.filter(({ postings }) => postings[0]?.user_id === 'gus')).toEqual([])
})

test('wallet-service may repay for whoever the borrower is, with a key; no other service may', async () => {
  const loanId = await house.activeLoan('card-payer', { daysAgo: 2 })
  const send = (service: string, key?: string) =>
    fetch(`${house.url}/loans/${loanId}/repayments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${house.tokens.serviceToken(service)}`,
        'content-type': 'application/json',
        ...(key && { 'idempotency-key': key }),
      },
      body: JSON.stringify({ amount: 100 }),
    })
  expect([(await send('wallet-service')).status, (await send('reporting-service', 'k')).status]).toEqual([400, 403])
  expect((await send('wallet-service', 'payment-1')).status).toBe(201)
  expect(debitsOf('card-payer')).toHaveLength(1)
})

test('a dry run shows what a repayment would change for each choice, and changes nothing', async () => {
  const loanId = await house.activeLoan('hugo', { daysAgo: 40 })
  const asked = house.wallets.asked
  const preview = async (excess: string) => {
    const query = { dry_run: true }
    const call = { role: 'customer', userId: 'hugo', query, body: { amount: 5000, excess } } as const
    const { status, body } = await house.call('post', `/loans/${loanId}/repayments`, call)
    expect([status, body.dry_run, body.id]).toEqual([200, true, null])
    return body.outlook as { instalment: number; instalments_left: number; interest_saved: number }
  }
  const [shorter, lower] = [await preview('reduce_term'), await preview('reduce_instalment')]
  expect(shorter.instalments_left).toBeLessThan(lower.instalments_left)
  expect(lower.instalment).toBeLessThan(shorter.instalment)
  expect(shorter.interest_saved).toBeGreaterThan(lower.interest_saved)
  expect(house.wallets.asked).toBe(asked)
  expect(await repaymentsOf(loanId)).toEqual([])
})

test('a repayment taken back returns to the wallet once, and reopens the loan it closed', async () => {
  const loanId = await house.activeLoan('ida', { daysAgo: 33 })
  house.wallets.balances.set('ida', 90_000_00n)
  const owed = await outstandingOf(loanId)
  const { body: first } = await repay(loanId, 'ida', { amount: 1000 })
  const { body: last } = await repay(loanId, 'ida', { amount: await outstandingOf(loanId) })
  expect(last.loan_status).toBe('CLOSED')
  const dry = { role: 'admin', query: { dry_run: true } } as const
  const preview = await house.call('post', `/loans/${loanId}/repayments/${first.id as string}/reverse`, dry)
  expect(preview.body).toMatchObject({ dry_run: true, outstanding: 1000, loan_status: 'ACTIVE', reversal: null })
  const answers = await atOnce(5, (index) => reverse(loanId, first.id, `undo-${index.toString()}`))
  expect(tally(answers)).toEqual({ 200: 1, 409: 4 })
  expect(answers.find(({ status }) => status === 200)?.body).toMatchObject({
    ...{ status: 'REVERSED', loan_status: 'ACTIVE', outstanding: 1000, reversal: { status: 'COMPLETED' } },
  })
  expect(house.wallets.balances.get('ida')).toBe(90_000_00n - BigInt(Math.round((owed - 1000) * 100)))
  await expectBooksAgree(loanId)
  expect((await reverse(loanId, last.id, 'undo-last')).body).toMatchObject({ status: 'REVERSED', outstanding: owed })
  expect(await repaymentsOf(loanId)).toMatchObject([{ status: 'REVERSED' }, { status: 'REVERSED' }])
  expect(house.wallets.balances.get('ida')).toBe(90_000_00n)
  expect((await reverse(loanId, 'unknown')).body.code).toBe('repayment_not_found')
  await expectBooksAgree(loanId)
})
