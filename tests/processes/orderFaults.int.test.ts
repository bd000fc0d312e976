import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { openPaymentOffice, type PaymentOffice } from '../../inventory-service/src/testing/paymentOffice.js'
import { address } from '../../inventory-service/src/testing/shop.js'
import { runReady, walletSettings, type CleanUps } from './alone.js'

const cleanUps: CleanUps = []
let tokens: TokenOffice
let payments: PaymentOffice
let settings: Awaited<ReturnType<typeof walletSettings>> & Record<string, string>
beforeAll(async () => {
  tokens = await openTokenOffice()
  payments = await openPaymentOffice()
  cleanUps.push(
    () => tokens.close(),
    () => payments.close(),
  )
  const surroundings = { AUTH_URL: tokens.authUrl, WALLET_URL: payments.url, SAMPLE_DATA: 'off' }
  settings = { ...(await walletSettings(cleanUps)), ...surroundings, SHOP_ANSWER_WITHIN_SECONDS: '1' }
})
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const start = (faultPoint?: string) => runReady('inventory-service', settings, cleanUps, faultPoint)

type Body = Record<string, unknown>
type Answer = { status: number; body: Body }
type Call = { token: string; body?: object; key?: string }

const call = async (method: string, path: string, { token, body, key = uuidv7() }: Call): Promise<Answer> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }
  const content = body === undefined ? null : JSON.stringify(body)
  const url = `http://127.0.0.1:${settings['PORT'] ?? ''}${path}`
  const response = await fetch(url, { method, headers, body: content })
  return { status: response.status, body: (await response.json()) as Body }
}
const done = async (answer: Promise<Answer>): Promise<Body> => {
  const { status, body } = await answer
  expect([status < 300, body]).toEqual([true, body])
  return body
}
const asAdmin = (method: string, path: string, body?: object) =>
  call(method, path, { token: tokens.userToken('admin'), ...(body && { body }) })

const PIECES = 20

/** A product of its own, orders in every state, and one request of every kind about them, none of them sent yet. */
const prepare = async (buyer: string) => {
  const token = tokens.userToken('customer', buyer)
  payments.balances.set(buyer, 100_000n)
  const offer = { name: buyer, category: 1, price: 10, stock: PIECES }
  const { slug, item_id: item } = await done(call('POST', '/products', { token: tokens.userToken('vendor'), body: offer })) // prettier-ignore
  const buy = (payment_method: string, quantity = 1) => {
    const body = { items: [{ product: slug, quantity }], shipping: address, payment_method }
    const key = uuidv7()
    return () => call('POST', '/orders', { token, body, key })
  }
  const place = async (...wanted: Parameters<typeof buy>) => String((await done(buy(...wanted)()))['order_number'])
  const [paid, dropped, leaking] = [await place('card'), await place('card'), await place('wallet', 2)]
  await done(asAdmin('PATCH', `/orders/${leaking}/status`, { status: 'shipped' }))
  const back = { items: [{ product: slug, quantity: 1 }], reason: 'It leaks' }
  const { returns } = await done(call('POST', `/orders/${leaking}/returns`, { token, body: back }))
  const { id } = (returns as [{ id: string }])[0]
  const tell = () => publishEvent(settings.RABBITMQ_URL, payments.pay(paid))
  const requests = {
    place: buy('wallet'),
    cancel: () => call('POST', `/orders/${dropped}/cancel`, { token }),
    take: () => asAdmin('PATCH', `/orders/${leaking}/returns/${id}`, { status: 'received' }),
  }
  return { item: String(item), paid, dropped, leaking, tell, requests }
}

type Round = Awaited<ReturnType<typeof prepare>>

/** Sends everything again, and answers the number of the order that was being placed. */
const repeat = async ({ tell, requests: { place, cancel, take } }: Round): Promise<string> => {
  await tell()
  const { order_number: placed } = await done(place())
  expect(await place()).toMatchObject({ status: 201, body: { order_number: placed } })
  expect(await cancel()).toMatchObject({ status: 200, body: { status: 'cancelled' } })
  const taken = await take()
  if (taken.status !== 200) expect(taken.body).toMatchObject({ code: 'return_decided' })
  return String(placed)
}

test('killed at any step of an order, a shop that comes back has for each its goods and its money, or neither', async () => {
  let running = await start()
  await done(asAdmin('POST', '/categories', { name: 'Kitchen' }))
  const points = ['stock:committed', 'order:placed', 'order:payment-opened', 'order:payment-ended', 'order:refund-asked'] // prettier-ignore
  const rounds: Round[] = []
  for (const point of points) rounds.push(await prepare(point.replace(':', '-')))
  for (const [index, { tell, requests }] of rounds.entries()) {
    running.process.kill('SIGKILL')
    await running.exitCode
    running = await start(points[index])
    const answers = Object.values(requests).map((request) => request().catch(() => undefined))
    await tell()
    await running.exitCode
    expect(await Promise.all(answers)).toContain(undefined)
  }
  await start()
  for (const round of rounds) {
    const { item, paid, dropped, leaking } = round
    const ends = {
      ...{ [await repeat(round)]: 'processing paid', [paid]: 'processing paid' },
      ...{ [dropped]: 'cancelled pending', [leaking]: 'shipped partially_refunded' },
    }
    await eventually(async () => {
      for (const [number, end] of Object.entries(ends)) {
        const { status, payment_status } = await done(asAdmin('GET', `/orders/${number}`))
        expect([number, `${String(status)} ${String(payment_status)}`]).toEqual([number, end])
      }
    }, 30_000)
    // One was placed, one paid for, and of two one came back.
    expect(await done(asAdmin('GET', `/stocks/${item}`))).toMatchObject({ on_hand: PIECES - 3, reserved: 0 })
    const statuses = Object.keys(ends).map((number) => [...payments.intents.values()].filter(({ order }) => order === number).map(({ status }) => status)) // prettier-ignore
    expect(statuses.flat().sort()).toEqual(['canceled', 'succeeded', 'succeeded', 'succeeded'])
    const intent = payments.intentOf(leaking)?.id
    expect(payments.refunds.filter((refund) => refund.intent === intent)).toMatchObject([{ amount: '10.00' }])
  }
  expect(payments.intents.size).toBe(4 * rounds.length)
  expect(await done(asAdmin('GET', '/orders?page_size=100'))).toHaveLength(4 * rounds.length)
  expect(await done(asAdmin('GET', '/stocks/check'))).toMatchObject({ ok: true, problems: [] })
}, 240_000)
