import { afterAll, beforeAll, expect, test } from '@jest/globals'
import request from 'supertest'
import { openShop, type Shop } from '../testing/shop.js'

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ SHOP_TAX_PERCENT: 10, SHOP_SHIPPING_FEE: '5', SHOP_FREE_SHIPPING_FROM: '100' })
})
afterAll(() => shop.close())

const as = (userId: string) => ({ role: 'customer', userId }) as const
const put = (userId: string, product: string, quantity = 1) =>
  shop.call('post', '/cart/items', { ...as(userId), body: { product, quantity } })
const coupon = (body: object) => shop.call('post', '/coupons', { role: 'admin', body })
const quantities = (answer: { body: unknown }) =>
  (answer.body as { items: { product: string; quantity: number }[] }).items.map(({ product, quantity }) => [
    product,
    quantity,
  ])

test('a cart takes products, changes and drops them, and always shows what they come to now', async () => {
  const [cup, pot] = [await shop.offer({ price: 10 }), await shop.offer({ price: 20, stock: 1 })]
  await put('ada', cup.slug, 2)
  const added = await put('ada', pot.slug, 3)
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({
    ...{ subtotal: 80, tax: 8, shipping: 5, total: 93 },
    items: [
      { product: cup.slug, available: true },
      { product: pot.slug, available: false, stock: 1 },
    ],
  })
  const fewer = await shop.call('patch', `/cart/items/${pot.slug}`, { ...as('ada'), body: { quantity: 1 } })
  expect(quantities(fewer)).toEqual([
    [cup.slug, 2],
    [pot.slug, 1],
  ])
  expect((await shop.call('delete', `/cart/items/${cup.slug}`, as('ada'))).status).toBe(204)
  expect((await shop.call('delete', `/cart/items/${cup.slug}`, as('ada'))).body).toMatchObject({
    code: 'cart_item_not_found',
  })
  expect((await put('ada', 'no-such-thing')).body).toMatchObject({ status: 404 })
  expect((await put('ada', cup.slug, 1001)).status).toBe(422)
  expect((await shop.call('get', '/cart', as('eve'))).body).toMatchObject({ items: [], total: 0 })
  expect((await shop.visit('/cart')).status).toBe(401)
})

test('a cart begun without a login is its token’s, and becomes part of the user’s own', async () => {
  const [cup, pot] = [await shop.offer(), await shop.offer()]
  const begun = await request(shop.url).post('/carts')
  const { token } = begun.body as { token: string }
  for (const [product, quantity] of [
    [cup.slug, 2],
    [pot.slug, 1],
  ] as const)
    await request(shop.url).post(`/carts/${token}/items`).send({ product, quantity })
  expect(quantities(await shop.visit(`/carts/${token}`))).toEqual([
    [cup.slug, 2],
    [pot.slug, 1],
  ])
  expect((await shop.visit(`/carts/${token.replace(/./g, 'x')}`)).status).toBe(404)
  await put('lin', cup.slug, 1)
  const merged = await shop.call('post', '/cart/merge', { ...as('lin'), body: { token } })
  expect(quantities(merged)).toEqual([
    [cup.slug, 2],
    [pot.slug, 1],
  ])
  expect((await shop.visit(`/carts/${token}`)).status).toBe(404)
})

test('a price that changed since the cart was filled is refused once, clearly; who orders again has seen it', async () => {
  const cup = await shop.offer({ price: 10 })
  await put('bob', cup.slug, 2)
  await shop.call('patch', `/products/${cup.slug}`, { role: 'vendor', userId: 'vera', body: { price: 12 } })
  expect((await shop.call('get', '/cart', as('bob'))).body).toMatchObject({
    items: [{ price_changed: true, unit_price: 12, seen_price: 10 }],
  })
  const refused = await shop.order('bob', {})
  expect(refused.body).toMatchObject({
    status: 409,
    code: 'price_changed',
    items: [{ product: cup.slug, was: 10, now: 12 }],
  })
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 0 })
  expect((await shop.order('bob', {})).body).toMatchObject({ status: 'pending', subtotal: 24 })
})

test('a cart becomes one order, however often it is ordered at once, and is empty then', async () => {
  const cup = await shop.offer()
  await put('cleo', cup.slug, 2)
  const answers = await Promise.all([1, 2, 3, 4].map(() => shop.order('cleo', {})))
  const numbers = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.order_number))
  expect(numbers.size).toBe(1)
  expect(await shop.levelOf(cup)).toEqual({ onHand: 10, reserved: 2 })
  expect((await shop.order('cleo', {})).body).toMatchObject({ code: 'cart_empty' })
})

test('whoever cannot pay has the cart back', async () => {
  const cup = await shop.offer()
  await put('dora', cup.slug, 2)
  expect((await shop.order('dora', { payment_method: 'wallet' })).body).toMatchObject({ code: 'insufficient_funds' })
  expect(quantities(await shop.call('get', '/cart', as('dora')))).toEqual([[cup.slug, 2]])
})

test('a coupon counts as often as it says, for all and for each, and a cancelled order gives it back', async () => {
  const cup = await shop.offer({ price: 50, stock: 50 })
  await coupon({ code: 'Half', percent: 50, minimum: 50, max_uses: 3, max_uses_per_customer: 1 })
  const buy = (buyer: string) => shop.order(buyer, { items: [{ product: cup.slug, quantity: 1 }], coupon: 'half' })
  const first = await buy('u1')
  expect(first.body).toMatchObject({
    subtotal: 50,
    discount: 25,
    tax: 2.5,
    shipping_fee: 5,
    total: 32.5,
    coupon: 'HALF',
  })
  expect((await buy('u1')).body).toMatchObject({ status: 409, code: 'coupon_used_up' })
  const others = await Promise.all(['u2', 'u3', 'u4', 'u5', 'u6'].map(buy))
  expect(others.filter(({ status }) => status === 201)).toHaveLength(2)
  for (const { status, body } of others) if (status !== 201) expect(body).toMatchObject({ code: 'coupon_used_up' })
  await shop.call('post', `/orders/${first.body.order_number}/cancel`, as('u1'))
  expect((await buy('u1')).status).toBe(201)
  const read = await shop.call('get', '/coupons/HALF', { role: 'admin' })
  expect(read.body).toMatchObject({ uses: 3, percent: 50 })
})

test('a coupon that is too small, over or unknown is refused and named', async () => {
  const cup = await shop.offer({ price: 10 })
  await coupon({ code: 'BIG', amount: 5, minimum: 100 })
  await coupon({ code: 'OVER', amount: 5, ends_at: '2020-01-01T00:00:00.000Z' })
  const buy = (code: string) => shop.order('gil', { items: [{ product: cup.slug, quantity: 1 }], coupon: code })
  expect((await buy('BIG')).body).toMatchObject({ code: 'coupon_below_minimum' })
  expect((await buy('OVER')).body).toMatchObject({ code: 'coupon_not_valid' })
  expect((await buy('NONE')).body).toMatchObject({ status: 404 })
  expect((await coupon({ code: 'BOTH', amount: 5, percent: 5 })).status).toBe(422)
  await put('gil', cup.slug)
  const shown = await shop.call('put', '/cart/coupon', { ...as('gil'), body: { code: 'BIG' } })
  expect(shown.body).toMatchObject({
    discount: 0,
    coupon: { code: 'BIG', problem: expect.stringContaining('larger order') },
  })
})
