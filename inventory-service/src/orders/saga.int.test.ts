import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { createStock } from '../stock/stock.js'
import { openShop, type Shop } from '../testing/shop.js'
import { orders } from './store.js'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ SHOP_ANSWER_WITHIN_SECONDS: 0.1 })
})
afterEach(() => {
  watchFaultPoints(undefined)
  shop.office.mood = 'answers'
})
afterAll(() => shop.close())

const of = (slug: string, quantity = 1) => ({ items: [{ product: slug, quantity }] })
const ordersOf = (userId: string) => readsOn(shop.db).find(orders, { userId })
const intentsOf = (number: string) => [...shop.office.intents.values()].filter(({ order }) => order === number)
const runOut = (number: string) =>
  inTransaction(shop.db, (tx) =>
    tx.update(orders, { _id: number }, { $set: { payBy: new Date(0), dueAt: new Date(0) } }),
  )

/** Lets the work that passes this point break off there, once. */
const breakOnceAt = (point: string): void => {
  watchFaultPoints((name) => {
    if (name !== point) return
    watchFaultPoints(undefined)
    throw new Error(`broken off at ${point}`)
  })
}

const COMMIT = ['stock:levels-saved', 'stock:companions-written', 'stock:before-commit', 'stock:committed']

test.each([...COMMIT, 'order:placed', 'order:payment-opened'])(
  'a check-out that breaks off at %s leaves one order or none; the same request ends in one order with one payment',
  async (point) => {
    const [cup, buyer] = [await shop.offer(), `buyer-${point.replaceAll(':', '-')}`]
    breakOnceAt(point)
    expect((await shop.order(buyer, of(cup.slug, 2), 'key')).status).toBe(500)
    const repeated = await shop.order(buyer, of(cup.slug, 2), 'key')
    expect(repeated.status).toBe(201)
    const { order_number: number } = repeated.body
    await shop.becomes(number, { step: 'paying' })
    expect(await ordersOf(buyer)).toHaveLength(1)
    expect(intentsOf(number)).toHaveLength(1)
    await shop.pay(number)
    await shop.becomes(number, { status: 'processing' })
    expect(await shop.levelOf(cup)).toEqual({ onHand: 8, reserved: 0 })
  },
)

test.each(['order:placed', 'order:payment-opened'])(
  'an order whose buyer never comes back after %s is found by the sweeper: it can be paid, then it is off',
  async (point) => {
    const [cup, buyer] = [await shop.offer(), `gone-${point.replaceAll(':', '-')}`]
    breakOnceAt(point)
    await shop.order(buyer, of(cup.slug))
    const [order] = await ordersOf(buyer)
    await shop.becomes(order?._id ?? '', { step: 'paying' })
    await runOut(order?._id ?? '')
    await shop.becomes(order?._id ?? '', { status: 'cancelled', cancelReason: 'not_paid', step: 'settled' })
    expect(intentsOf(order?._id ?? '').map(({ status }) => status)).toEqual(['canceled'])
    expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 0 })
  },
)

test.each(['is down', 'is not heard'] as const)(
  'while wallet-service %s an order waits with its goods; afterwards it has one payment',
  async (mood) => {
    const cup = await shop.offer()
    shop.office.mood = mood
    const { status, body } = await shop.order('patient', of(cup.slug))
    expect([status, body['status']]).toEqual([201, 'pending'])
    expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 1 })
    shop.office.mood = 'answers'
    await shop.becomes(body.order_number, { step: 'paying' })
    expect(intentsOf(body.order_number)).toHaveLength(1)
  },
)

test.each(['stock:before-commit', 'stock:committed'])(
  'a payment whose effect breaks off at %s takes effect when it is told again, once',
  async (point) => {
    const cup = await shop.offer()
    const { body } = await shop.order('asha', of(cup.slug))
    breakOnceAt(point)
    const told = shop.office.pay(body.order_number)
    await publishEvents(shop.rabbitmqUrl, [told, told, told])
    await shop.becomes(body.order_number, { status: 'processing' })
    expect(await shop.levelOf(cup)).toEqual({ onHand: 9, reserved: 0 })
  },
)

test('what is paid after it was cancelled goes back, once, however often it is told', async () => {
  const cup = await shop.offer()
  const { body } = await shop.order('asha', of(cup.slug))
  shop.office.mood = 'is down'
  await shop.call('post', `/orders/${body.order_number}/cancel`, { role: 'customer', userId: 'asha' })
  expect(await shop.stored(body.order_number)).toMatchObject({ status: 'cancelled', step: 'voiding' })
  await shop.pay(body.order_number, 3)
  shop.office.mood = 'answers'
  await shop.becomes(body.order_number, { paymentStatus: 'refunded', status: 'cancelled' })
  const intent = shop.office.intentOf(body.order_number)
  expect(shop.office.refunds.filter((refund) => refund.intent === intent?.id)).toHaveLength(1)
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 0 })
})

test('what is paid when its goods are gone goes back, once, and the order is off', async () => {
  const cup = await shop.offer({ stock: 1 })
  const slow = (await shop.order('slow', of(cup.slug))).body.order_number
  // As another process does with goods that were kept too long.
  await createStock({ db: shop.db, now: () => new Date(), currency: 'USD' }).submit({
    ...{ cause: { kind: 'order', id: slow, step: 'expiry' }, actor: 'test', effectiveAt: new Date() },
    lines: [{ kind: 'release', itemId: cup.item_id, warehouseId: 'main' }],
  })
  const quick = (await shop.order('quick', of(cup.slug))).body.order_number
  await shop.pay(quick)
  await shop.becomes(quick, { status: 'processing' })
  await shop.pay(slow, 2)
  await shop.becomes(slow, { status: 'cancelled', cancelReason: 'no_stock', paymentStatus: 'refunded' })
  expect(shop.office.refunds.filter(({ intent }) => intent === shop.office.intentOf(slow)?.id)).toHaveLength(1)
  expect(await shop.levelOf(cup)).toEqual({ onHand: 0, reserved: 0 })
})

test('of sweeper and payment one wins: each order has its goods and its money, or neither', async () => {
  const cup = await shop.offer({ stock: 12 })
  const placed = await Promise.all(
    Array.from({ length: 12 }, (_, index) => shop.order(`racer-${index.toString()}`, of(cup.slug))),
  )
  const numbers = placed.map(({ body }) => body.order_number)
  await Promise.all(
    numbers.flatMap((number, index) => [
      runOut(number),
      ...(index % 3 === 0 ? [] : [shop.pay(number).catch(() => undefined)]),
    ]),
  )
  const ended = await Promise.all(numbers.map((number) => shop.becomes(number, { step: 'settled', dueAt: null })))
  for (const { _id, status, paymentStatus } of ended) {
    const intent = shop.office.intentOf(_id)
    const refunded = shop.office.refunds.filter((refund) => refund.intent === intent?.id).length
    const kept = intent?.status === 'succeeded' && refunded === 0
    expect([_id, status, kept, refunded <= 1]).toEqual([_id, kept ? 'processing' : 'cancelled', kept, true])
    expect(paymentStatus).toBe(kept ? 'paid' : refunded ? 'refunded' : 'pending')
  }
  const sold = ended.filter(({ status }) => status === 'processing').length
  expect(await shop.levelOf(cup)).toEqual({ onHand: 12 - sold, reserved: 0 })
})

test('a payment that its request and its event settle at once takes effect once, and each buyer hears of the order', async () => {
  const cup = await shop.offer()
  const buyers = Array.from({ length: 10 }, (_, index) => `wallet-${index.toString()}`)
  const told = new Set<string>()
  watchFaultPoints((name) => {
    if (name !== 'order:payment-opened') return
    const paid = [...shop.office.intents.values()].filter(({ id, status }) => status === 'succeeded' && !told.has(id))
    for (const { id } of paid) told.add(id)
    void publishEvents(shop.rabbitmqUrl, paid.map(({ order }) => shop.office.pay(order))) // prettier-ignore
  })
  const answers = await Promise.all(
    buyers.map((buyer) => {
      shop.office.balances.set(buyer, 100_000n)
      return shop.order(buyer, { ...of(cup.slug), payment_method: 'wallet' })
    }),
  )
  expect(answers.map(({ status }) => status)).toEqual(buyers.map(() => 201))
  for (const { body } of answers) await shop.becomes(body.order_number, { status: 'processing', paymentStatus: 'paid' })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 0, reserved: 0 })
})
