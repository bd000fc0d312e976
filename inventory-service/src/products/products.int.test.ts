import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import request from 'supertest'
import { openShop, type Shop } from '../testing/shop.js'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

const vendor = (userId = 'vera') => ({ role: 'vendor', userId }) as const
const list = async (query: string) => {
  const answer = await shop.visit(`/products?${query}`)
  expect(answer.status).toBe(200)
  return (answer.body as { slug: string }[]).map(({ slug }) => slug)
}

test('a vendor offers a product with stock, which lies in an item of its own; anyone sees it', async () => {
  const body = { name: 'Crème brûlée dish, 12 cm', category: 'kitchen', price: 10, discount_price: 8.5, stock: 7 }
  const added = await shop.call('post', '/products/create', { ...vendor(), body })
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({
    ...{ slug: 'creme-brulee-dish-12-cm', category: 1, category_slug: 'kitchen', vendor: 'vera' },
    ...{ price: 10, discount_price: 8.5, final_price: 8.5, stock: 7, in_stock: true, rating: null },
  })
  const { slug, item_id: itemId } = added.body as { slug: string; item_id: string }
  expect((await shop.visit(`/products/${slug}`)).body).toEqual(added.body)
  expect((await shop.call('get', `/stocks/${itemId}`)).body).toMatchObject({ quantity: 7 })
})

test('a name is used often, an address once; create is nobody’s address', async () => {
  const slugs = []
  for (const name of ['Plate', 'Plate', 'Create']) slugs.push((await shop.offer({ name })).slug)
  expect(slugs).toEqual(['plate', 'plate-2', 'create-2'])
  const key = { ...vendor(), key: 'one', body: { name: 'Twin', category: 1, price: 1, stock: 3 } }
  const twins = await Promise.all(
    ['/products', '/products/create', '/products'].map((path) => shop.call('post', path, key)),
  )
  expect(twins.map(({ status, body }) => [status, (body as { slug: string }).slug])).toEqual(
    Array(3).fill([201, 'twin']),
  )
})

test.each([
  [{ discount_price: 10 }, 'discount_not_below_price'],
  [{ price: -1 }, 'validation_failed'],
  [{ stock: -1 }, 'validation_failed'],
  [{ price: 1.999 }, 'validation_failed'],
  [{ vendor_rating: 5 }, 'validation_failed'],
  [{ category: 999 }, 'category_not_found'],
])('a product with %j is refused: %s', async (flaw, code) => {
  const body = { name: 'Flawed', category: 1, price: 10, ...flaw }
  expect((await shop.call('post', '/products', { ...vendor(), body })).body).toMatchObject({ code })
})

test('a vendor touches only own products, an admin any; only an admin sells what the factory has', async () => {
  const own = await shop.offer()
  const path = `/products/${own.slug}`
  for (const method of ['put', 'patch'] as const)
    expect(
      (
        await shop.call(method, `${path}/update`, {
          ...vendor('victor'),
          body: { name: 'Mine', category: 1, price: 1 },
        })
      ).status,
    ).toBe(403)
  expect((await shop.call('delete', path, vendor('victor'))).status).toBe(403)
  expect((await shop.call('patch', path, { role: 'customer', body: { price: 1 } })).status).toBe(403)
  expect((await shop.call('patch', path, { role: 'admin', body: { price: 5 } })).body).toMatchObject({ price: 5 })

  await shop.call('post', '/items', { body: { id: 'bottle-1l', name: 'Bottle', type: 'bottle' } })
  const body = { name: 'Bottle', category: 1, price: 2, item_id: 'bottle-1l' }
  expect((await shop.call('post', '/products', { ...vendor(), body })).status).toBe(403)
  const linked = await shop.call('post', '/products', { role: 'admin', body })
  expect(linked.body).toMatchObject({ item_id: 'bottle-1l', seller: 'house', stock: 0 })
  const restock = { role: 'admin', body: { stock: 5 } } as const
  expect((await shop.call('patch', '/products/bottle', restock)).body).toMatchObject({ code: 'stock_of_shared_item' })
})

test('an edit based on an old version is refused; who has what there is gets 304', async () => {
  const { slug } = await shop.offer({ price: 10 })
  const path = `/products/${slug}`
  const first = await shop.visit(path)
  const tag = first.headers['etag'] as string
  expect((await request(shop.url).get(path).set('If-None-Match', tag)).status).toBe(304)
  const change = (body: object) =>
    request(shop.url)
      .patch(path)
      .set('authorization', `Bearer ${shop.tokens.userToken('vendor', 'vera')}`)
      .set('If-Match', tag)
      .send(body)
  expect((await change({ price: 11 })).status).toBe(200)
  expect((await change({ price: 12 })).status).toBe(412)
  const again = await request(shop.url).get(path).set('If-None-Match', tag)
  expect([again.status, (again.body as { price: number }).price]).toEqual([200, 11])
})

test('stock is set to what is said, by whomever and however often at once; lists and filters follow at once', async () => {
  const cup = await shop.offer({ name: 'Countable cup', stock: 1 })
  const set = (stock: number) => shop.call('patch', `/products/${cup.slug}/update`, { ...vendor(), body: { stock } })
  const answers = await Promise.all([set(20), set(20), set(20)])
  expect(answers.map(({ status, body }) => [status, (body as { stock: number }).stock])).toEqual(
    Array(3).fill([200, 20]),
  )
  expect(await shop.levelOf(cup)).toEqual({ onHand: 20, reserved: 0 })
  expect(await list('search=countable&in_stock=true')).toEqual([cup.slug])
  expect((await set(0)).body).toMatchObject({ stock: 0, in_stock: false })
  expect(await list('search=countable&in_stock=true')).toEqual([])
  expect(await list('search=countable&in_stock=false')).toEqual([cup.slug])
})

test('stock that the factory moves shows in the shop', async () => {
  await shop.call('post', '/items', { body: { id: 'shared-jar', name: 'Jar', type: 'goods' } })
  await shop.call('post', '/products', {
    role: 'admin',
    body: { name: 'Jarful', category: 1, price: 2, item_id: 'shared-jar' },
  })
  expect(await list('search=jarful&in_stock=true')).toEqual([])
  const adjustment = { item_id: 'shared-jar', delta: 4, reason: 'opening' }
  const posted = await shop.call('post', '/stocks/adjustments', { role: 'admin', body: adjustment })
  expect(posted.status).toBeLessThan(300)
  await eventually(async () => {
    expect(await list('search=jarful&in_stock=true')).toEqual(['jarful'])
  })
  expect((await shop.visit('/products/jarful')).body).toMatchObject({ stock: 4 })
})

test('products are found by beginnings of words, without accents, and with one typing mistake', async () => {
  const { slug } = await shop.offer({ name: 'Żółta Butelka szklana', description: 'Na mleko' })
  for (const words of ['butelka', 'BUT', 'zolta but', 'żółta', 'mlek', 'buteka', 'butelak', 'szkalna'])
    expect([words, await list(`search=${encodeURIComponent(words)}`)]).toEqual([words, [slug]])
  expect(await list('search=kubek+butelka')).toEqual([])
})

test('lists are filtered, ordered, paged and counted; a new price counts at once', async () => {
  const { body: shelf } = await shop.call('post', '/categories', { role: 'admin', body: { name: 'Garden tools' } })
  const category = (shelf as { id: number }).id
  const offers = []
  for (const price of [30, 10, 20])
    offers.push(await shop.offer({ name: `Spade ${price.toString()}`, category, price }, 'gustav'))
  expect(await list(`category=${category.toString()}&ordering=-price`)).toEqual(['spade-30', 'spade-20', 'spade-10'])
  expect(await list('category=garden-tools&ordering=price&min_price=15')).toEqual(['spade-20', 'spade-30'])
  expect(await list('vendor=gustav&ordering=name&page=2&page_size=2')).toEqual(['spade-30'])
  const facets = await shop.visit('/products/facets?category=garden-tools')
  expect(facets.body).toMatchObject({
    ...{ total: 3, in_stock: 3, price: { min: 10, max: 30 }, vendors: [{ id: 'gustav', count: 3 }] },
    categories: expect.arrayContaining([expect.objectContaining({ slug: 'garden-tools', count: 3 })]),
  })
  await shop.call('patch', '/products/spade-10', { ...vendor('gustav'), body: { price: 40 } })
  expect(await list('category=garden-tools&ordering=-price')).toEqual(['spade-10', 'spade-30', 'spade-20'])
  await shop.call('delete', '/products/spade-10/delete', vendor('gustav'))
  expect(await list('category=garden-tools&ordering=-price')).toEqual(['spade-30', 'spade-20'])
  expect((await shop.visit('/products/spade-10')).body).toMatchObject({ status: 404, slug: 'spade-10' })
  expect((await shop.visit('/products?ordering=cost')).status).toBe(422)
  expect((await shop.call('delete', '/categories/garden-tools', { role: 'admin' })).body).toMatchObject({
    code: 'category_in_use',
    products: 2,
  })
})

test('a vendor sees what own products sold and brought', async () => {
  const cup = await shop.offer({ name: 'Best seller', price: 10, discount_price: 7.5 }, 'anna')
  const { body } = await shop.order('buyer', { items: [{ product: cup.slug, quantity: 3 }] })
  await shop.pay(body.order_number)
  await shop.becomes(body.order_number, { paymentStatus: 'paid' })
  expect((await shop.call('get', '/products/analytics', vendor('anna'))).body).toEqual([
    expect.objectContaining({ product: cup.slug, orders: 1, units_sold: 3, revenue: 22.5, stock: 7 }),
  ])
  expect((await shop.call('get', '/products/analytics', vendor('bea'))).body).toEqual([])
})
