import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { productRated } from '@countinghouse/shared/contracts/shop'
import { announced } from '@countinghouse/shared/testing/events'
import { openShop, type Shop } from '../testing/shop.js'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const as = (userId: string) => ({ role: 'customer', userId }) as const
const review = (slug: string, userId: string, rating: number) =>
  shop.call('post', `/products/${slug}/reviews`, { ...as(userId), body: { rating, comment: 'So it is' } })
const shown = async (slug: string) => {
  const { rating, review_count } = (await shop.visit(`/products/${slug}`)).body as Record<string, unknown>
  return [rating, review_count]
}
const buy = async (userId: string, slug: string) => {
  const { body } = await shop.order(userId, { items: [{ product: slug, quantity: 1 }] })
  await shop.pay(body.order_number)
  await shop.becomes(body.order_number, { paymentStatus: 'paid' })
}

test('who has bought a product reviews it, once; its rating is the exact mean', async () => {
  const { slug } = await shop.offer()
  for (const buyer of ['r1', 'r2', 'r3']) await buy(buyer, slug)
  expect((await review(slug, 'passer-by', 5)).body).toMatchObject({ status: 403, code: 'not_bought' })
  expect((await review(slug, 'r1', 6)).status).toBe(422)
  const twice = await Promise.all([review(slug, 'r1', 5), review(slug, 'r1', 5)])
  expect(twice.map(({ status }) => status).sort()).toEqual([201, 409])
  await Promise.all([review(slug, 'r2', 4), review(slug, 'r3', 4)])
  expect(await shown(slug)).toEqual([4.33, 3])
  const told = (await announced(shop.db, productRated)).filter(({ subject }) => subject === slug)
  const ratings = told.map(({ data }) => data as { version: number; rating_sum: number; rating_count: number })
  expect(ratings.toSorted((one, other) => one.version - other.version)).toMatchObject([
    { rating_sum: 5, rating_count: 1 },
    { rating_sum: 9, rating_count: 2 },
    { rating_sum: 13, rating_count: 3, vendor_id: 'vera' },
  ])
  const list = await shop.visit(`/products/${slug}/reviews`)
  expect(list.headers['x-total-count']).toBe('3')
  expect(list.body).toEqual(
    expect.arrayContaining([expect.objectContaining({ username: 'r1', rating: 5, verified_purchase: true })]),
  )
})

test('its author changes a review, a stranger does not; what an admin rejects neither shows nor counts', async () => {
  const { slug } = await shop.offer()
  await buy('a1', slug)
  const { id } = (await review(slug, 'a1', 2)).body as { id: string }
  const change = (userId: string, body: object) => shop.call('patch', `/reviews/${id}`, { ...as(userId), body })
  expect((await change('a2', { rating: 1 })).status).toBe(403)
  expect((await shop.call('delete', `/reviews/${id}`, as('a2'))).status).toBe(403)
  expect((await change('a1', { status: 'approved' })).status).toBe(403)
  expect((await change('a1', { rating: 3 })).body).toMatchObject({ rating: 3, status: 'approved' })
  expect(await shown(slug)).toEqual([3, 1])
  await shop.call('patch', `/reviews/${id}`, { role: 'admin', body: { status: 'rejected' } })
  expect(await shown(slug)).toEqual([null, 0])
  expect((await shop.visit(`/products/${slug}/reviews`)).body).toEqual([])
  expect((await change('a1', { comment: 'Nicer' })).body).toMatchObject({ status: 'pending' })
  const waiting = await shop.call('get', '/reviews?status=pending', { role: 'admin' })
  expect(waiting.body).toEqual([expect.objectContaining({ id })])
  expect((await shop.call('delete', `/reviews/${id}`, as('a1'))).status).toBe(204)
  expect((await review(slug, 'a1', 5)).status).toBe(201)
})
