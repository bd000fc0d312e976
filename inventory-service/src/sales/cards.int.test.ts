import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { paymentFailed, paymentSucceeded, refundFailed, refundSucceeded } from '@countinghouse/shared/contracts/payment'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { createServiceClient } from '@countinghouse/shared/http/client'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { inbox } from '@countinghouse/shared/messaging/inbox'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { openCardOffice, type CardOffice } from '../testing/cardOffice.js'
import { AMBER, atOnce, openTradeHouse, tally, type TradeHouse } from '../testing/trade.js'
import { createWalletPayments } from '../walletPayments.js'
import { createCards } from './cards.js'
import { salePayments } from './records.js'
import { askAgain } from './sweeper.js'

let office: CardOffice
let house: TradeHouse
beforeAll(async () => {
  office = await openCardOffice()
  house = await openTradeHouse({ WALLET_URL: office.url })
  await house.stocked(AMBER, 10_000, 0n)
})
afterEach(() => {
  office.mood = 'charges'
  watchFaultPoints(undefined)
})
afterAll(async () => {
  await house.close()
  await office.close()
})

/** A sale that comes to 400.00. */
const sold = async () => (await house.sell([{ item_id: AMBER, quantity: 100 }])).body.bill_number as string
const post = (number: string, what: string, body: object, key?: string) =>
  house.call('post', `/sales/${number}/${what}`, { body, ...(key !== undefined && { key }) })
const card = (number: string, key?: string, more: object = {}) =>
  post(number, 'payments', { method: 'card', payment_method: 'pm_card', ...more }, key)
const read = async (number: string) => (await house.call('get', `/sales/${number}`)).body
const chargesOf = (number: string) =>
  office.moved.filter(
    ({ path, body }) => path === '/payments/intents' && (body['purpose'] as { id: string }).id === number,
  )

const ofPayment = (number: string, payment_id: string) => ({
  ...{ payment_id, purpose: { kind: 'sale_bill' as const, id: number }, user_id: null, currency: 'USD' },
})
const succeeded = (number: string, paymentId: string, amountMinor = 40_000n) =>
  newEvent(paymentSucceeded, paymentId, {
    ...{ ...ofPayment(number, paymentId), amount_minor: amountMinor, method: 'card', entry_id: 'entry' },
    succeeded_at: '2026-11-21T09:30:00.000Z',
  })
const failedAt = (number: string, paymentId: string) =>
  newEvent(paymentFailed, paymentId, {
    ...{ ...ofPayment(number, paymentId), amount_minor: 40_000n, code: 'card_declined', decline_code: null },
    ...{ reason: 'No', failed_at: '2026-11-21T09:30:00.000Z' },
  })
const told = async (event: Envelope, times = 1) => {
  await publishEvent(house.rabbitmqUrl, event, times)
  await eventually(async () => expect(await readsOn(house.db).count(inbox, { eventId: event.id })).toBe(1))
}

test('a card pays a bill through wallet-service, and what it holds for us is entered', async () => {
  const number = await sold()
  const paid = await card(number, 'card-1')
  expect([paid.status, paid.body]).toMatchObject([201, { method: 'card', status: 'succeeded', payment_status: 'paid' }])
  expect(chargesOf(number)).toMatchObject([{ body: { amount: '400.00', currency: 'USD', payment_method: 'pm_card' } }])
  expect((await card(number, 'card-1')).body).toEqual(paid.body)
  await told(succeeded(number, chargesOf(number)[0]?.id ?? ''), 3)
  expect(await read(number)).toMatchObject({ paid_amount: 400 })
  expect(await house.bookedFor(number)).toMatchObject({ clearing: 40_000n, sales_revenue: -40_000n })
})

test('a declined card leaves the stock alone and says so; a retry may follow at once, under a new key', async () => {
  const number = await sold()
  const level = await house.levelOf(AMBER)
  office.mood = 'declines'
  const declined = await card(number, 'card-2')
  expect([declined.status, declined.body]).toMatchObject([
    402,
    {
      ...{ code: 'payment_declined', retry: true, support_contact: 'help@countinghouse.test' },
      ...{ payment_status: 'failed', decline_code: 'insufficient_funds' },
    },
  ])
  expect(await read(number)).toMatchObject({ payment_status: 'failed', paid_amount: 0, amount_due: 400 })
  expect(await house.levelOf(AMBER)).toEqual(level)
  office.mood = 'charges'
  expect((await card(number, 'card-2')).body).toEqual(declined.body)
  expect(chargesOf(number)).toHaveLength(0)
  expect((await card(number, 'card-3')).body).toMatchObject({ status: 'succeeded', payment_status: 'paid' })
  const [attempt] = await readsOn(house.db).find(salePayments, { billNumber: number, status: 'failed' })
  await told(failedAt(number, attempt?.paymentId ?? ''))
  const listed = await house.call('get', `/sales/${number}/payments`)
  expect(listed.body).toMatchObject([
    { status: 'failed', failure: { code: 'insufficient_funds', reason: 'Your card has insufficient funds' } },
    { status: 'succeeded' },
  ])
})

test('one key charges once, however often it comes and whenever the process dies', async () => {
  const number = await sold()
  const all = await atOnce(4, () => card(number, 'card-4'))
  expect(tally(all)).toEqual({ 201: 4 })
  for (const point of ['sale:card-payment-begun', 'sale:card-payment-asked']) {
    const other = await sold()
    watchFaultPoints((name) => {
      if (name === point) throw new Error('Crash')
    })
    expect((await card(other, point)).status).toBe(500)
    watchFaultPoints(undefined)
    expect((await card(other, `${point}-2`)).body.code).toBe('payment_under_way')
    expect((await card(other, point)).status).toBe(201)
    expect(chargesOf(other)).toHaveLength(1)
    expect(await read(other)).toMatchObject({ paid_amount: 400, payment_status: 'paid' })
  }
})

test('a payment that nobody heard of is under way: its amount is not paid twice, and its event settles it', async () => {
  const number = await sold()
  office.mood = 'is not heard'
  const unclear = await card(number, 'card-5', { amount: 300 })
  expect([unclear.status, unclear.body]).toMatchObject([202, { status: 'pending', payment_status: 'pending' }])
  expect((await post(number, 'payments', { amount: 101 })).body).toMatchObject({ code: 'exceeds_bill', remaining: 100 })
  expect((await post(number, 'cancel', {})).body.code).toBe('payment_under_way')
  await told(succeeded(number, chargesOf(number)[0]?.id ?? '', 30_000n), 2)
  expect(await read(number)).toMatchObject({ paid_amount: 300, payment_status: 'partial' })
})

test('a payment that waits for its payer is given up, and the bill is paid otherwise', async () => {
  const number = await sold()
  office.mood = 'leaves it open'
  const waiting = await card(number, 'card-7')
  expect([waiting.status, waiting.body.status]).toEqual([202, 'pending'])
  expect(waiting.body.payment_intent).toBe(chargesOf(number)[0]?.id)
  office.mood = 'charges'
  expect((await post(number, 'payments/none/cancel', {})).body.code).toBe('payment_not_found')
  const given = await post(number, `payments/${waiting.body.id}/cancel`, {}, 'cancel-7')
  expect([given.status, given.body.status, given.body.payment_status]).toEqual([200, 'failed', 'failed'])
  expect((await post(number, `payments/${waiting.body.id}/cancel`, {}, 'cancel-7')).body).toEqual(given.body)
  expect((await post(number, `payments/${waiting.body.id}/cancel`, {})).body.code).toBe('payment_settled')
  expect((await post(number, 'payments', {})).body).toMatchObject({ amount: 400, payment_status: 'paid' })
})

test('what stays unheard is asked for again, and charged once', async () => {
  const number = await sold()
  office.mood = 'is down'
  expect((await card(number, 'card-6')).status).toBe(202)
  office.mood = 'charges'
  const authorization = () => Promise.resolve(`Bearer ${house.tokens.serviceToken('inventory-service')}`)
  const client = createServiceClient('wallet-service', office.url, { authorization, forget: () => undefined })
  const deps = {
    db: house.db,
    now: () => new Date(),
    cards: createCards(createWalletPayments(client)),
    supportContact: '',
  }
  for (let time = 0; time < 2; time++) await askAgain(deps, new Date())
  expect(chargesOf(number)).toHaveLength(1)
  expect(await read(number)).toMatchObject({ paid_amount: 400, payment_status: 'paid' })
})

test('a payment that was made at wallet-service counts for its bill, also one that is more than is owed', async () => {
  const number = await sold()
  await told(failedAt(number, 'elsewhere'))
  expect((await read(number)).payment_status).toBe('failed')
  await told(succeeded(number, 'elsewhere', 45_000n))
  expect(await read(number)).toMatchObject({ paid_amount: 450, payment_status: 'paid', credit: 50 })
  expect(await house.bookedFor(number)).toMatchObject({ clearing: 45_000n, refunds_payable: -5_000n })
  expect(await readsOn(house.db).count(salePayments, { billNumber: number })).toBe(1)
})

test('a card payment goes back by card, no more than was paid by it, and is owed again if it does not arrive', async () => {
  const number = await sold()
  const { id } = (await card(number)).body
  const refund = (amount: number, key?: string) =>
    post(number, 'refunds', { method: 'card', payment_id: id, amount, reason: 'Returned' }, key)
  expect((await post(number, 'refunds', { method: 'card', amount: 1, reason: 'x' })).status).toBe(422)
  expect((await post(number, 'refunds', { method: 'card', payment_id: 'none', amount: 1, reason: 'x' })).status).toBe(
    404,
  )
  expect((await refund(400.01)).body.code).toBe('exceeds_payments')
  const all = await atOnce(3, () => refund(150, 'refund-1'))
  expect(tally(all)).toEqual({ 201: 3 })
  expect(office.moved.filter(({ path }) => path === '/refunds')).toHaveLength(1)
  expect(await read(number)).toMatchObject({ paid_amount: 250, amount_due: 150 })
  const [payment] = chargesOf(number)
  const news = {
    ...{ ...ofPayment(number, payment?.id ?? ''), refund_id: office.moved.at(-1)?.id ?? '', amount_minor: 15_000n },
    reason: 'Returned',
  }
  const done = { refunded_minor: 15_000n, entry_id: 'entry', refunded_at: '2026-11-21T09:30:00.000Z' }
  await told(newEvent(refundSucceeded, news.payment_id, { ...news, ...done }))
  expect(await read(number)).toMatchObject({ paid_amount: 250 })
  const lost = { failure_reason: 'The card is closed', failed_at: '2026-11-21T09:30:00.000Z' }
  await told(newEvent(refundFailed, news.payment_id, { ...news, ...lost }), 2)
  expect(await read(number)).toMatchObject({ paid_amount: 400, payment_status: 'paid' })
  expect(await house.bookedFor(number)).toEqual({ clearing: 40_000n, sales_revenue: -40_000n })
})
