import { readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bookEntryDueBy } from '@countinghouse/shared/contracts/books'
import { orderCancelled, orderPaid, orderPlaced } from '@countinghouse/shared/contracts/shop'
import { announced } from '@countinghouse/shared/testing/events'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { pdfText } from '@countinghouse/shared/testing/pdfText'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { address, openShop, type Shop } from '../testing/shop.js'

const MAIL_FOLDER = join(tmpdir(), `mails-${uuidv7()}`)

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ MAIL_FOLDER })
})
afterAll(async () => {
  await shop.close()
  await rm(MAIL_FOLDER, { recursive: true })
})

const of = (slug: string, quantity = 1) => ({ items: [{ product: slug, quantity }] })
const cancel = (number: string, userId: string) =>
  shop.call('post', `/orders/${number}/cancel`, { role: 'customer', userId })
const setStatus = (number: string, status: string) =>
  shop.call('patch', `/orders/${number}/status`, { role: 'admin', body: { status } })

test('200 buyers want 50 units: 50 orders are paid, 150 are refused clearly, and nothing is left over or short', async () => {
  const hot = await shop.offer({ stock: 50 })
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => shop.order(`buyer-${index.toString()}`, of(hot.slug))),
  )
  const placed = answers.filter(({ status }) => status === 201)
  const refused = answers.filter(({ status }) => status === 400)
  expect([placed.length, refused.length]).toEqual([50, 150])
  for (const { body } of refused)
    expect(body).toMatchObject({ code: 'insufficient_stock', item_id: hot.item_id, product: hot.slug, available: 0, requested: 1, shortage: 1 }) // prettier-ignore
  expect(await shop.levelOf(hot)).toEqual({ onHand: 50, reserved: 50 })
  const numbers = placed.map(({ body }) => body.order_number)
  expect(new Set(numbers).size).toBe(50)
  await publishEvents(
    shop.rabbitmqUrl,
    numbers.map((number) => shop.office.pay(number)),
  )
  for (const number of numbers)
    await shop.becomes(number, { status: 'processing', paymentStatus: 'paid', step: 'settled' })
  expect(await shop.levelOf(hot)).toEqual({ onHand: 0, reserved: 0 })
  expect((await shop.visit(`/products/${hot.slug}`)).body).toMatchObject({ stock: 0, in_stock: false })
})

test('an order answers how to pay; the card pays, told twice, and the goods leave the stock once', async () => {
  const cup = await shop.offer({ price: 12.5, discount_price: 9.99 })
  const { status, body } = await shop.order('asha', of(cup.slug, 2))
  expect(status).toBe(201)
  expect(body).toMatchObject({
    ...{ status: 'pending', payment_status: 'pending', payment_method: 'card', total: 19.98, shipping: address },
    items: [{ product: cup.slug, quantity: 2, price: 9.99, total: 19.98 }],
    payment: { intent_id: expect.any(String), client_secret: expect.stringContaining('secret') },
  })
  expect(body.order_number).toMatch(/^ORD-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 2 })
  await shop.pay(body.order_number, 2)
  await shop.becomes(body.order_number, { paymentStatus: 'paid' })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 8, reserved: 0 })
  const events = [...(await announced(shop.db, orderPlaced)), ...(await announced(shop.db, orderPaid))]
  expect(events.filter(({ subject }) => subject === body.order_number)).toHaveLength(2)
  const entries = (await announced(shop.db, bookEntryDueBy('inventory-service'))).filter(
    ({ subject }) => subject === body.order_number,
  )
  expect(entries.map(({ data }) => data)).toEqual([
    expect.objectContaining({
      ...{ document: { kind: 'order', id: body.order_number }, step: 'paid', currency: 'USD' },
      lines: [
        { account: 'clearing', side: 'debit', amount_minor: '1998' },
        { account: 'vendor_payables', side: 'credit', amount_minor: '1798' },
        { account: 'commission_income', side: 'credit', amount_minor: '200' },
      ],
    }),
  ])
})

/** The mails that left the house with this subject, as its catcher keeps them. */
const mailsAbout = async (subject: string): Promise<string[]> => {
  const files = await readdir(MAIL_FOLDER)
  const texts = await Promise.all(files.map((file) => readFile(join(MAIL_FOLDER, file), 'utf8')))
  return texts.filter((text) => text.includes(`Subject: ${subject}\r\n`))
}

test('a buyer gets one mail when an order is placed, and one when it is on its way', async () => {
  const cup = await shop.offer({ price: 12.5 })
  const { body } = await shop.order('mira', of(cup.slug, 2))
  const number = body.order_number
  await shop.pay(number, 2)
  await shop.becomes(number, { paymentStatus: 'paid' })
  for (const status of ['shipped', 'shipped']) expect((await setStatus(number, status)).status).toBe(200)
  await eventually(async () => {
    const [placed, shipped] = [
      await mailsAbout(`Your order ${number}`),
      await mailsAbout(`Your order ${number} is on its way`),
    ]
    expect([placed, shipped]).toMatchObject([[expect.stringContaining('To: mira@example.com')], [expect.any(String)]])
    expect(placed[0]).toContain('Total: 25.00 USD')
    expect(shipped[0]).toContain(address.city)
  })
})

test('the price of an order stays what it was, whatever becomes of the product', async () => {
  const cup = await shop.offer({ price: 20 })
  const { body } = await shop.order('asha', of(cup.slug))
  await shop.call('patch', `/products/${cup.slug}`, {
    role: 'vendor',
    userId: 'vera',
    body: { price: 99, name: 'Golden cup' },
  })
  await shop.call('delete', `/products/${cup.slug}/delete`, { role: 'vendor', userId: 'vera' })
  const read = await shop.call('get', `/orders/${body.order_number}`, { role: 'customer', userId: 'asha' })
  expect(read.body).toMatchObject({ total: 20, items: [{ price: 20, name: expect.stringContaining('Thing') }] })
})

test('prices of a client are refused, and so are an unknown product and an empty cart', async () => {
  const cup = await shop.offer()
  expect((await shop.order('asha', { items: [{ product: cup.slug, quantity: 1, price: 0.01 }] })).status).toBe(422)
  expect((await shop.order('asha', of('no-such-thing'))).body).toMatchObject({ status: 404, slug: 'no-such-thing' })
  expect((await shop.order('nobody-yet', {})).body).toMatchObject({ status: 409, code: 'cart_empty' })
})

test('the same request again, on whichever path, answers with the same order', async () => {
  const cup = await shop.offer()
  const [first, ...others] = await Promise.all(
    Array.from({ length: 8 }, () => shop.order('asha', of(cup.slug), 'once')),
  )
  for (const other of others) expect(other.body.order_number).toBe(first?.body.order_number)
  const alias = {
    role: 'customer',
    userId: 'asha',
    key: 'once',
    body: { ...of(cup.slug), shipping: address, payment_method: 'card' },
  } as const
  expect((await shop.call('post', '/orders/create', alias)).body.order_number).toBe(first?.body.order_number)
  expect((await shop.order('asha', of(cup.slug, 2), 'once')).body).toMatchObject({ code: 'idempotency_key_reused' })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 1 })
})

test('of the last piece that is ordered by many repeats at once, each hears of the one order', async () => {
  const last = await shop.offer({ stock: 1 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => shop.order('ned', of(last.slug), 'ned-1')))
  expect(new Set(answers.map(({ status, body }) => `${status.toString()} ${body.order_number}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(201)
})

test('a customer cancels what is pending, once: the goods are free again and the payment is called off', async () => {
  const cup = await shop.offer()
  const { body } = await shop.order('asha', of(cup.slug, 3))
  const answers = await Promise.all([1, 2, 3].map(() => cancel(body.order_number, 'asha')))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(answers[0]?.body).toMatchObject({ status: 'cancelled', cancel_reason: 'customer' })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 0 })
  expect(shop.office.intentOf(body.order_number)?.status).toBe('canceled')
  expect(
    (await announced(shop.db, orderCancelled)).filter(({ subject }) => subject === body.order_number),
  ).toHaveLength(1)
})

test('what is paid can no longer be cancelled by its buyer; an admin takes it back, and the money goes back once', async () => {
  const cup = await shop.offer()
  const { body } = await shop.order('asha', of(cup.slug, 3))
  await shop.pay(body.order_number)
  await shop.becomes(body.order_number, { status: 'processing' })
  expect((await cancel(body.order_number, 'asha')).body).toMatchObject({ status: 409, code: 'order_step_refused' })
  const refundsBefore = shop.office.refunds.length
  expect((await setStatus(body.order_number, 'cancelled')).status).toBe(200)
  await shop.becomes(body.order_number, { status: 'cancelled', paymentStatus: 'refunded' })
  expect(shop.office.refunds.slice(refundsBefore)).toEqual([expect.objectContaining({ amount: '30.00' })])
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 0 })
})

test('an order paid from the wallet is paid at once; with too little in it, nothing remains of the order', async () => {
  const cup = await shop.offer()
  shop.office.balances.set('rich', 5_000n)
  const { body, status } = await shop.order('rich', { ...of(cup.slug, 2), payment_method: 'wallet' })
  expect([status, body['status'], body['payment_status']]).toEqual([201, 'processing', 'paid'])
  expect(shop.office.balances.get('rich')).toBe(3_000n)
  const poor = await shop.order('poor', { ...of(cup.slug, 2), payment_method: 'wallet' })
  expect(poor.body).toMatchObject({ status: 409, code: 'insufficient_funds' })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 8, reserved: 0 })
})

test('an order goes its way: processing, shipped, delivered, and no other', async () => {
  const cup = await shop.offer()
  const { body } = await shop.order('asha', { ...of(cup.slug), payment_method: 'cash_on_delivery' })
  expect(body['payment']).toBeNull()
  const refusals = [await setStatus(body.order_number, 'shipped'), await setStatus(body.order_number, 'delivered')]
  for (const refused of refusals) expect(refused.body).toMatchObject({ status: 409, code: 'order_step_refused' })
  for (const status of ['processing', 'shipped', 'delivered'])
    expect((await setStatus(body.order_number, status)).body).toMatchObject({ status })
  expect((await setStatus(body.order_number, 'cancelled')).status).toBe(409)
  expect(await shop.stored(body.order_number)).toMatchObject({ paymentStatus: 'paid' })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 9, reserved: 0 })
  const card = await shop.order('asha', of(cup.slug))
  expect((await setStatus(card.body.order_number, 'processing')).body).toMatchObject({ code: 'order_not_paid' })
})

test('what comes back lies in stock again at its cost, and its price goes back, to the cent in parts', async () => {
  const cup = await shop.offer({ price: 3.33 })
  const { body } = await shop.order('asha', of(cup.slug, 3))
  const ask = (quantity: number, key?: string) =>
    shop.call('post', `/orders/${body.order_number}/returns`, {
      ...{ role: 'customer', userId: 'asha', body: { ...of(cup.slug, quantity), reason: 'It leaks' } },
      ...(key !== undefined && { key }),
    })
  expect((await ask(1)).body).toMatchObject({ code: 'return_not_possible' })
  await shop.pay(body.order_number)
  await shop.becomes(body.order_number, { status: 'processing' })
  await setStatus(body.order_number, 'shipped')
  expect((await ask(4)).body).toMatchObject({ status: 422, code: 'return_above_ordered' })
  const refundsBefore = shop.office.refunds.length
  for (const quantity of [1, 2]) {
    const [asked, twin] = await Promise.all([ask(quantity, `back-${quantity}`), ask(quantity, `back-${quantity}`)])
    expect(twin.body).toEqual(asked.body)
    const { id } = (asked.body as { returns: { id: string }[] }).returns.at(-1) ?? { id: '' }
    const path = `/orders/${body.order_number}/returns/${id}`
    const decide = () => shop.call('patch', path, { role: 'admin', body: { status: 'received' } })
    expect((await decide()).status).toBe(200)
    expect((await decide()).body).toMatchObject({ code: 'return_decided' })
  }
  await shop.becomes(body.order_number, { paymentStatus: 'refunded' })
  expect(shop.office.refunds.slice(refundsBefore).map(({ amount }) => amount)).toEqual(['3.33', '6.66'])
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 0 })
})

test('the order of another does not exist, and is no one else’s to see, cancel or send back', async () => {
  const cup = await shop.offer()
  const { body } = await shop.order('asha', of(cup.slug))
  const path = `/orders/${body.order_number}`
  const stranger = { role: 'customer', userId: 'mallory' } as const
  expect((await shop.call('get', path, stranger)).status).toBe(404)
  expect((await shop.call('get', `${path}/invoice`, stranger)).status).toBe(404)
  expect((await cancel(body.order_number, 'mallory')).status).toBe(404)
  expect((await shop.call('get', '/orders', stranger)).body).toEqual([])
  expect((await shop.call('get', path, { role: 'admin' })).status).toBe(200)
  expect((await shop.call('patch', `${path}/status`, { ...stranger, body: { status: 'shipped' } })).status).toBe(403)
  expect((await shop.call('get', '/orders', { role: 'staff' })).status).toBe(403)
})

test('an order has its invoice', async () => {
  const cup = await shop.offer({ name: 'Żółty kubek' })
  const { body } = await shop.order('asha', of(cup.slug, 2))
  const answer = await shop
    .call('get', `/orders/${body.order_number}/invoice`, { role: 'customer', userId: 'asha' })
    .buffer(true)
    .parse((response, done) => {
      const parts: Buffer[] = []
      response
        .on('data', (part: Buffer) => parts.push(part))
        .on('end', () => {
          done(null, Buffer.concat(parts))
        })
    })
  expect(answer.headers['content-type']).toContain('application/pdf')
  const text = JSON.stringify(pdfText(answer.body as Buffer))
  for (const part of [body.order_number, 'kubek', '20.00']) expect(text).toContain(part)
})
