import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { paymentActionRequired, paymentSucceeded } from '@countinghouse/shared/contracts/payment'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { Stripe } from 'stripe'
import { entries } from '../ledger/store.js'
import type { Row } from '../sandbox/state.js'
import { balanceOf, fundedWallet } from '../testing/client.js'
import { openPaymentHouse, WEBHOOK_SECRET, type PaymentHouse } from '../testing/payments.js'
import { replay } from './replay.js'
import { countDue, providerEvents } from './store.js'

// The sandbox tells nothing by itself: the tests do, in their own order.
let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse({ isTold: false })
})
afterAll(() => house.close())

type Sending = { secret?: string; age?: number; tamper?: boolean; path?: string }
const send = async (
  event: object,
  { secret = WEBHOOK_SECRET, age = 0, tamper = false, path = '/webhooks/stripe' }: Sending = {},
) => {
  const payload = JSON.stringify(event)
  const timestamp = Math.floor(Date.now() / 1000) - age
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
  const response = await fetch(house.service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    body: tamper ? payload.replace('usd', 'eur') : payload,
  })
  return { status: response.status, body: (await response.json()) as { code?: string; received?: boolean } }
}

/** A payer who is sent to their bank and says yes there; answers the payment and what the provider has to tell of it. */
const paidAtTheBank = async (userId: string) => {
  const wallet = await fundedWallet(house.service, userId)
  const order = { amount: 50, payment_method: 'pm_card_threeDSecure2Required', confirm: true }
  const { body } = await house.customer(userId).send('post', '/payments/intents', order)
  await fetch(body.next_action.redirect_url, { method: 'POST', body: new URLSearchParams({ outcome: 'complete' }) })
  const isAbout = ({ data }: Row) => ((data as { object: Row }).object['metadata'] as { countinghouse_id: string }).countinghouse_id === body.id // prettier-ignore
  return { wallet, payment: body.id as string, events: house.sandbox.state.all('event').filter(isAbout).reverse() }
}
const nothingIsDue = () => eventually(async () => expect(await countDue(house.service.db)).toBe(0))
const logged = (id: string) => readsOn(house.service.db).count(providerEvents, { _id: id })
const read = async (payment: string) =>
  (await house.admin.get(`/payments/intents/${payment}`)).body as { status: string; history: { status: string }[] }

test('who is not the provider is not believed: no signature, a wrong one, an old one, another body', async () => {
  const { wallet, payment, events } = await paidAtTheBank('ann')
  const [event] = events.filter(({ type }) => type === 'payment_intent.succeeded')
  const forged: Sending[] = [{ secret: 'whsec_of_someone_else' }, { age: 301 }, { tamper: true }]
  for (const sending of forged)
    expect(await send(event ?? {}, sending)).toMatchObject({ status: 400, body: { code: 'webhook_forged' } })
  const bare = await fetch(`${house.service.url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  expect(bare.status).toBe(400)
  await nothingIsDue()
  expect(await logged(event?.id ?? '')).toBe(0)
  expect([(await read(payment)).status, (await balanceOf(house.service, wallet)).posted]).toEqual([
    'requires_action',
    0n,
  ])
})

test('a webhook is taken with each of the secrets, and below each base of the API', async () => {
  const event = {
    id: 'evt_other',
    object: 'event',
    type: 'customer.created',
    created: 1,
    data: { object: { id: 'cus_1' } },
  }
  expect((await send(event, { secret: 'whsec_that_will_be_the_next' })).body).toEqual({ received: true })
  expect((await send({ ...event, id: 'evt_other_2' }, { path: '/api/v1/webhooks/stripe' })).status).toBe(200)
  await nothingIsDue()
})

test('events in any order, each many times and some at once, take effect once', async () => {
  const random = randomFrom(7)
  const { wallet, payment, events } = await paidAtTheBank('bob')
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['payment_intent.requires_action', 'payment_intent.succeeded'])) // prettier-ignore
  const many = [...events, ...events, ...events].map((event) => ({ event, place: random() }))
  const shuffled = many.sort((one, other) => one.place - other.place).map(({ event }) => event)
  const answers = await Promise.all(shuffled.map((event) => send(event)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  await nothingIsDue()
  const { status, history } = await read(payment)
  expect([status, history.at(-1)?.status]).toEqual(['succeeded', 'succeeded'])
  expect((await balanceOf(house.service, wallet)).posted).toBe(5000n)
  for (const contract of [paymentActionRequired, paymentSucceeded])
    expect((await announced(house.service.db, contract)).filter(({ subject }) => subject === payment)).toHaveLength(1)
  for (const { id } of events) expect(await logged(id)).toBe(1)
})

test('the log can be replayed, and nothing happens twice', async () => {
  const { db } = house.service
  const received = () => readsOn(db).count(entries, { kind: 'payment' })
  const before = await received()
  const all = { from: new Date(0), until: new Date(Date.now() + 1000), type: undefined, objectId: undefined }
  expect(await replay(db, all, new Date())).toBe(await readsOn(db).count(providerEvents, {}))
  await nothingIsDue()
  expect(await received()).toBe(before)
})
