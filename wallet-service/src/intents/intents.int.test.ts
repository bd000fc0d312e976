import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { balanceOf, fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import { openPaymentHouse, type PaymentHouse } from '../testing/payments.js'

let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse()
})
afterAll(() => house.close())
afterEach(async () => {
  expect(await wrongInTheBooks(house.service)).toEqual(nothingWrong)
})

const begin = (userId: string, body: object) => house.customer(userId).send('post', '/payments/intents', body)
const topUp = (userId: string, more: object = {}) => begin(userId, { amount: 50, ...more })
const read = async (id: string) => (await house.admin.get(`/payments/intents/${id}`)).body as Record<string, unknown>
const confirm = (userId: string, id: string, payment_method: string) =>
  house.customer(userId).send('post', `/payments/intents/${id}/confirm`, { payment_method })
const settled = (id: string, status: string) => eventually(async () => expect(await read(id)).toMatchObject({ status }))
const differences = async () =>
  (await house.admin.get('/payments/reconciliation')).body.differences as { code: string }[]
const withoutDifference = () => eventually(async () => expect(await differences()).toEqual([]))

test('a top-up by card credits the wallet; what the provider kept is in its own account', async () => {
  const wallet = await fundedWallet(house.service, 'ann')
  const { status, body } = await topUp('ann')
  expect([status, body.status, body.purpose]).toEqual([
    201,
    'requires_payment_method',
    { kind: 'wallet_topup', id: wallet },
  ])
  expect(body.client_secret).toMatch(/^pi_\w+_secret_/)
  const paid = await confirm('ann', body.id, 'pm_card_visa')
  expect(paid.body).toMatchObject({ status: 'succeeded', amount_received: 50 })
  expect((await balanceOf(house.service, wallet)).posted).toBe(5000n)
  await eventually(async () => expect(await read(body.id)).toMatchObject({ fee: 1.75 }))
  expect((await balanceOf(house.service, 'house:provider_fees:USD')).posted).toBe(175n)
  await withoutDifference()
})

test('one request can begin and pay; repeated under its key it is one payment with one answer', async () => {
  const wallet = await fundedWallet(house.service, 'bob')
  const pay = () =>
    house
      .customer('bob')
      .send('post', '/payments/intents', { amount: 20, payment_method: 'pm_card_visa', confirm: true }, 'bob-1')
  const answers = [...(await Promise.all([pay(), pay(), pay()])), await pay()]
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.id} ${body.status}`)).size).toBe(1)
  expect((await balanceOf(house.service, wallet)).posted).toBe(2000n)
})

test('a declined card is told with the reason, and another one pays', async () => {
  const wallet = await fundedWallet(house.service, 'cat')
  const { body } = await topUp('cat')
  const declined = await confirm('cat', body.id, 'pm_card_visa_chargeDeclinedInsufficientFunds')
  expect([declined.status, declined.body.code, declined.body.decline_code]).toEqual([
    402,
    'payment_declined',
    'insufficient_funds',
  ])
  expect(await read(body.id)).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
  })
  expect((await confirm('cat', body.id, 'pm_nonsense')).status).toBe(402)
  expect((await confirm('cat', body.id, 'pm_card_visa')).status).toBe(200)
  expect((await balanceOf(house.service, wallet)).posted).toBe(5000n)
})

test.each([
  ['complete', 'succeeded'],
  ['fail', 'requires_payment_method'],
])('3-D Secure: the payer is sent to their bank, and when they %s there the payment is %s', async (outcome, status) => {
  const userId = `deb-${outcome}`
  await fundedWallet(house.service, userId)
  const { body } = await topUp(userId, {
    payment_method: 'pm_card_threeDSecure2Required',
    confirm: true,
    return_url: 'https://shop.test/back',
  })
  expect(body).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } })
  const form = new URLSearchParams({ outcome })
  const back = await fetch(body.next_action.redirect_url, { method: 'POST', body: form, redirect: 'manual' })
  expect(back.headers.get('location')).toMatch(/^https:\/\/shop\.test\/back\?payment_intent=pi_/)
  await settled(body.id, status)
})

test('what is only authorized can be captured in part, or canceled', async () => {
  const manual = {
    amount: 80,
    purpose: { kind: 'order', id: 'order-1' },
    capture_method: 'manual',
    confirm: true,
    payment_method: 'pm_card_visa',
    user_id: 'eve',
  }
  const order = await house.shop.send('post', '/payments/intents', manual, 'order-1')
  expect(order.body).toMatchObject({ status: 'requires_capture', amount_capturable: 80, amount_received: 0 })
  const own = await house.customer('eve').send('post', `/payments/intents/${order.body.id}/capture`)
  const tooMuch = await house.shop.send(
    'post',
    `/payments/intents/${order.body.id}/capture`,
    { amount: 81 },
    'capture-0',
  )
  expect([own.status, tooMuch.status, tooMuch.body.code]).toEqual([403, 422, 'exceeds_authorized'])
  const before = (await balanceOf(house.service, 'house:clearing:USD').catch(() => ({ posted: 0n }))).posted
  const captured = await house.shop.send(
    'post',
    `/payments/intents/${order.body.id}/capture`,
    { amount: 60 },
    'capture-1',
  )
  expect(captured.body).toMatchObject({ status: 'succeeded', amount_received: 60 })
  expect((await balanceOf(house.service, 'house:clearing:USD')).posted - before).toBe(-6000n)
  const other = await house.shop.send(
    'post',
    '/payments/intents',
    { ...manual, purpose: { kind: 'order', id: 'order-2' } },
    'order-2',
  )
  const canceled = await house.customer('eve').send('post', `/payments/intents/${other.body.id}/cancel`)
  expect(canceled.body).toMatchObject({ status: 'canceled', cancellation_reason: 'requested_by_customer' })
  expect((await house.customer('eve').send('post', `/payments/intents/${other.body.id}/cancel`)).body.code).toBe(
    'payment_status_conflict',
  )
})

test('an order can be paid out of the wallet: at once, or held until it is captured', async () => {
  const wallet = await fundedWallet(house.service, 'fay', 100)
  const order = { purpose: { kind: 'order', id: 'order-3' }, payment_method: 'wallet', user_id: 'fay' }
  const held = await house.shop.send(
    'post',
    '/payments/intents',
    { ...order, amount: 70, capture_method: 'manual', confirm: true },
    'fay-1',
  )
  expect([held.status, held.body.status, held.body.hold_id === null]).toEqual([201, 'requires_capture', false])
  expect(await balanceOf(house.service, wallet)).toMatchObject({ posted: 10000n, held: 7000n })
  expect((await house.customer('fay').send('post', `/holds/${held.body.hold_id}/release`)).status).toBe(403)
  const captured = await house.shop.send('post', `/payments/intents/${held.body.id}/capture`, { amount: 40 }, 'fay-2')
  expect(captured.body).toMatchObject({ status: 'succeeded', amount_received: 40, fee: 0 })
  expect(await balanceOf(house.service, wallet)).toMatchObject({ posted: 6000n, held: 0n })
  const unpaid = await house.shop.send('post', '/payments/intents', { ...order, amount: 60.01 }, 'fay-3')
  const short = await house.customer('fay').send('post', `/payments/intents/${unpaid.body.id}/confirm`)
  expect([short.status, short.body.code]).toEqual([409, 'insufficient_funds'])
  expect((await house.shop.send('post', `/payments/intents/${unpaid.body.id}/cancel`, {}, 'fay-4')).body.status).toBe(
    'canceled',
  )
})

test('nobody sees or pays what is another’s, and only a seller says what an order costs', async () => {
  await fundedWallet(house.service, 'gil')
  const foreign = await fundedWallet(house.service, 'hal')
  const { body } = await topUp('gil')
  expect((await house.customer('hal').get(`/payments/intents/${body.id}`)).status).toBe(404)
  expect((await confirm('hal', body.id, 'pm_card_visa')).status).toBe(404)
  expect((await begin('gil', { amount: 5, purpose: { kind: 'wallet_topup', id: foreign } })).body.code).toBe(
    'wallet_not_found',
  )
  expect((await begin('gil', { amount: 0.01, purpose: { kind: 'order', id: 'order-4' } })).status).toBe(403)
  expect((await begin('gil', { amount: 5, user_id: 'hal' })).status).toBe(403)
  expect((await begin('gil', { amount: 5, payment_method: 'wallet', confirm: true })).body.code).toBe(
    'payment_method_impossible',
  )
  expect((await begin('gil', { amount: 5.001 })).status).toBe(422)
  const list = await house.customer('hal').get('/payments/intents')
  expect(list.body).toEqual([])
})
