import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { duplicateResolved } from '@countinghouse/shared/contracts/duplicates'
import { announced } from '@countinghouse/shared/testing/events'
import { PREFORM, openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'
import { AMBER, atOnce, tally } from '../testing/trade.js'

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse({ APPROVAL_THRESHOLD: 1_000_000n })
  await house.stocked(AMBER, 1000)
})
afterAll(() => house.close())

type Suspicion = { kind: string; twins: { id: string }[]; fix: string }
const suspicions = async (kind: string, query: object = {}): Promise<string[][]> => {
  const list = await house.call('get', '/duplicates', { role: 'viewer', query: { kind, ...query } })
  return list.body.map(({ twins }: Suspicion) => twins.map(({ id }) => id))
}
const resolve = (act: 'dismiss' | 'remove', body: object, key?: string) =>
  house.call('post', `/duplicates/${act}`, {
    role: 'admin',
    body: { reason: 'Entered twice', ...body },
    ...(key !== undefined && { key }),
  })
const sell = async (quantity: number) => (await house.sell([{ item_id: AMBER, quantity }])).body.bill_number as string
const buy = async (quantity: number, more: object = {}) =>
  (await house.buy(quantity, { ...more })).body.bill_number as string
const pay = async (path: string, amount: number) =>
  (await house.call('post', `${path}/payments`, { body: { amount, method: 'cash' } })).body.id as string

test('two sales of one amount to one customer on one day are suspected; the extra one is taken back with goods and money', async () => {
  const before = await house.levelOf(AMBER)
  const [real, extra] = [await sell(11), await sell(11)]
  await sell(12)
  await pay(`/sales/${extra}`, 44)
  expect(await suspicions('sale')).toEqual([[real, extra]])
  const removed = await resolve('remove', { kind: 'sale', ids: [real, extra], remove: extra, method: 'cash' })
  expect(removed).toMatchObject({ status: 201, body: { outcome: 'removed', removed: extra, by: 'admin-user' } })
  const read = await house.call('get', `/sales/${extra}`)
  expect(read.body).toMatchObject({ status: 'cancelled', paid_amount: 0, amount_due: 0 })
  expect(await house.levelOf(AMBER)).toMatchObject({ onHand: before.onHand - 23 })
  expect(await house.bookedFor(extra)).toEqual({ sales_revenue: -4_400n, sales_returns: 4_400n })
  expect(await suspicions('sale')).toEqual([])
  const told = await announced(house.db, duplicateResolved)
  expect(told.map(({ data }) => data)).toMatchObject([
    { kind: 'sale', removed: extra, reason: 'Entered twice', by: 'admin-user' },
  ])
})

test('a sale that has left is taken back as a return', async () => {
  const [real, extra] = [await sell(21), await sell(21)]
  await house.call('post', `/sales/${extra}/ship`, { body: {} })
  expect((await resolve('remove', { kind: 'sale', ids: [real, extra], remove: extra })).status).toBe(201)
  expect((await house.call('get', `/sales/${extra}`)).body).toMatchObject({ credited_amount: 84, amount_due: 0 })
})

test('one sale that was paid twice keeps its goods, and one payment goes back, once', async () => {
  const number = await sell(50)
  const [first, second] = [await pay(`/sales/${number}`, 60), await pay(`/sales/${number}`, 60)]
  const before = await house.levelOf(AMBER)
  expect(await suspicions('sale_payment')).toEqual([[first, second]])
  const verdict = { kind: 'sale_payment', ids: [first, second], remove: second, method: 'cash' }
  expect(tally(await atOnce(3, () => resolve('remove', verdict)))[201]).toBe(1)
  expect((await resolve('remove', verdict)).body).toMatchObject({ status: 409, code: 'not_alike' })
  expect((await house.call('get', `/sales/${number}`)).body).toMatchObject({ paid_amount: 60, amount_due: 140 })
  expect(await house.levelOf(AMBER)).toEqual(before)
  expect(await suspicions('sale_payment')).toEqual([])
})

test('a purchase that was entered twice is sent back, and a bill that was paid twice gets one payment back', async () => {
  const before = await house.shelfOf(PREFORM)
  const [real, extra] = [await buy(31), await buy(31)]
  await pay(`/purchases/${extra}`, 62)
  expect(await suspicions('purchase')).toEqual([[real, extra]])
  expect((await resolve('remove', { kind: 'purchase', ids: [real, extra], remove: extra })).status).toBe(201)
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: before.onHand + 31 })
  expect(await house.bookedFor(extra)).toEqual({ cash: -6_200n, bank: 6_200n })
  const twins = [await pay(`/purchases/${real}`, 20), await pay(`/purchases/${real}`, 20)]
  expect(await suspicions('purchase_payment')).toEqual([twins])
  await resolve('remove', { kind: 'purchase_payment', ids: twins, remove: twins[0] })
  expect((await house.call('get', `/purchases/${real}`)).body).toMatchObject({ paid_amount: 20 })
})

test('an order that was placed twice is called off', async () => {
  const ids = [await buy(17, { receive: false }), await buy(17, { receive: false })]
  await resolve('remove', { kind: 'purchase', ids, remove: ids[1] })
  expect((await house.call('get', `/purchases/${ids[1] ?? ''}`)).body).toMatchObject({ status: 'cancelled' })
})

test('a party that is there twice by its name becomes inactive', async () => {
  for (const [id, name] of [
    ['TWIN-1', 'Twin Traders'],
    ['TWIN-2', ' twin traders '],
  ])
    await house.call('post', '/trade-customers', { body: { id, name } })
  expect(await suspicions('customer')).toEqual([['TWIN-1', 'TWIN-2']])
  await resolve('remove', { kind: 'customer', ids: ['TWIN-1', 'TWIN-2'], remove: 'TWIN-2' })
  expect((await house.call('get', '/trade-customers/TWIN-2')).body).toMatchObject({ active: false })
})

test('what is dismissed is not suspected again until there is one more', async () => {
  const ids = [await sell(5), await sell(5)]
  expect((await resolve('dismiss', { kind: 'sale', ids, reason: 'Two vans' }, 'vans')).status).toBe(201)
  expect(
    (await resolve('dismiss', { kind: 'sale', ids, reason: 'Two vans' }, 'vans')).headers['idempotent-replayed'],
  ).toBe('true')
  expect(await suspicions('sale')).toEqual([])
  const third = await sell(5)
  expect(await suspicions('sale')).toEqual([[...ids, third]])
  expect(await suspicions('sale', { to: '2020-01-01' })).toEqual([])
})

test('suspicions of all kinds are told page by page, the newest first, and those that are settled take no place', async () => {
  const read = (page: number) => house.call('get', '/duplicates', { role: 'admin', query: { page, page_size: 1 } })
  const total = async () => Number((await read(1)).headers['x-total-count'])
  const before = await total()
  const [first, second] = [
    [await sell(41), await sell(41)],
    [await buy(42), await buy(42)],
  ]
  expect(await total()).toBe(before + 2)
  const shown = async (page: number) => (await read(page)).body.map(({ twins }: Suspicion) => twins.map(({ id }) => id))
  expect([await shown(1), await shown(2)]).toEqual([[second], [first]])
  await resolve('dismiss', { kind: 'purchase', ids: second })
  expect([await shown(1), await total()]).toEqual([[first], before + 1])
})

test('only what looks alike is taken back, and by admins alone', async () => {
  const ids = [await sell(6), await sell(7)]
  expect((await resolve('remove', { kind: 'sale', ids, remove: ids[0] })).body).toMatchObject({ code: 'not_alike' })
  const alike = [await sell(8), await sell(8)]
  expect((await resolve('remove', { kind: 'sale', ids: alike, remove: ids[0] })).body).toMatchObject({
    code: 'not_alike',
  })
  for (const [method, path] of [
    ['get', ''],
    ['post', '/dismiss'],
    ['post', '/remove'],
  ] as const)
    expect((await house.call(method, `/duplicates${path}`)).status).toBe(403)
})
