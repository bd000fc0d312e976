import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createStock } from '../stock/stock.js'
import { openShop, type Shop } from '../testing/shop.js'
import { loadSampleShop } from './commands.js'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

test('the sample shop is loaded once, and what was deleted of it stays away', async () => {
  const now = () => new Date()
  const deps = { db: shop.db, now, stock: createStock({ db: shop.db, now, currency: 'USD' }) }
  await loadSampleShop(deps)
  const mug = await shop.visit('/products/blue-mug')
  expect(mug.body).toMatchObject({ vendor: 'USER-VENDOR', final_price: 9.99, stock: 40, category_slug: 'kitchen' })
  await shop.call('delete', '/products/watering-can', { role: 'admin' })
  await loadSampleShop(deps)
  const list = await shop.visit('/products?vendor=USER-VENDOR')
  expect(list.headers['x-total-count']).toBe('5')
})
