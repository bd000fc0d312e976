import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { blowCompleted, blowReversed } from '@countinghouse/shared/contracts/blows'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'
import { atOnce, tally } from '../testing/trade.js'
import { blows } from './store.js'

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse({ APPROVAL_THRESHOLD: 1_000_000n, BLOW_STANDARD_YIELD: '90' })
})
afterAll(() => house.close())

const counted = () => readsOn(house.db).count(blows, {})
type More = { userId?: string; key?: string; query?: object } & Record<string, unknown>
const blow = (name: string, input_quantity: number, quantity: number, { userId, key, query, ...more }: More = {}) =>
  house.call('post', '/blows', {
    ...{ ...(userId !== undefined && { userId }), ...(key !== undefined && { key }), ...(query && { query }) },
    body: { from_item_id: `preform-${name}`, to_item_id: `bottle-${name}`, input_quantity, quantity, ...more },
  })
/** Preforms of the test's own, bought for 2.00 each, and the bottles that they become. */
const preforms = async (name: string, quantity: number, valuation_method = 'fifo') => {
  const add = (type: string) =>
    house.call('post', '/items', { body: { id: `${type}-${name}`, name: `${type} ${name}`, type, valuation_method } })
  expect([(await add('preform')).status, (await add('bottle')).status]).toEqual([201, 201])
  const line_items = [{ item_id: `preform-${name}`, quantity, unit_price: 2 }]
  expect((await house.buy(0, { line_items })).status).toBe(201)
}
const reverse = (id: string, key?: string) =>
  house.call('post', `/blows/${id}/reverse`, { body: { reason: 'Entered twice' }, ...(key !== undefined && { key }) })

test('1000 preforms for 2000.00 make 950 bottles at 2.11, and exactly 2000.00 is gone when all are sold', async () => {
  await preforms('exact', 1000)
  const made = await blow('exact', 1000, 950)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    ...{ quantity: 950, wastage: 50, yield: 95, standard_yield: 90, produced_unit_cost: 2.11, variance: 0 },
    ...{ material_cost: 2000, produced_cost: 2000, status: 'completed' },
  })
  expect(await house.shelfOf('preform-exact')).toMatchObject({ onHand: 0, valueMinor: 0n })
  expect(await house.shelfOf('bottle-exact')).toMatchObject({ onHand: 950, valueMinor: 200_000n })
  let soldMinor = 0n
  for (const quantity of [1, 7, 300, 142, 500]) {
    const sale = await house.sell([{ item_id: 'bottle-exact', quantity }])
    soldMinor += (await house.bookedFor(sale.body.bill_number))['cost_of_goods_sold'] ?? 0n
  }
  expect(soldMinor).toBe(200_000n)
  expect(await house.shelfOf('bottle-exact')).toMatchObject({ onHand: 0, valueMinor: 0n })
  expect(await announced(house.db, blowCompleted)).toHaveLength(1)
})

test('blowing adds to what bottles cost, and what is lost beyond the standard yield does not', async () => {
  await preforms('costly', 2000)
  const normal = await blow('costly', 1000, 900, { blow_cost_per_unit: 0.5 })
  expect(normal.body).toMatchObject({ blow_cost: 450, variance: 0, produced_cost: 2450, produced_unit_cost: 2.72 })
  expect(await house.bookedFor(normal.body.id)).toEqual({ inventory: 45_000n, production_costs: -45_000n })
  const poor = await blow('costly', 1000, 450, { blow_cost_per_unit: 0.5, blow_cost_basis: 'input' })
  expect(poor.body).toMatchObject({ blow_cost: 500, variance: 1000, produced_cost: 1500 })
  expect(await house.bookedFor(poor.body.id)).toEqual({
    inventory: -50_000n,
    production_costs: -50_000n,
    stock_variance: 100_000n,
  })
  const lax = await blow('costly', 1, 1, { standard_yield: 50 })
  expect(lax.body).toMatchObject({
    status: 400,
    detail: 'Insufficient stock',
    item_id: 'preform-costly',
    available: 0,
    shortage: 1,
  })
})

test('only preforms that are there become bottles; a refused run leaves nothing', async () => {
  await preforms('few', 10)
  const [before, level] = [await counted(), await house.shelfOf('preform-few')]
  const refused = async (input: number, output: number, more: More = {}) =>
    (await blow('few', input, output, more)).body
  expect(await refused(11, 5)).toMatchObject({ status: 400, available: 10, requested: 11, shortage: 1 })
  expect(await refused(5, 6)).toMatchObject({ status: 422, code: 'output_above_input' })
  expect(await refused(5, 5, { from_item_id: 'bottle-few' })).toMatchObject({
    code: 'wrong_item_type',
    expected: 'preform',
  })
  expect(await refused(5, 5, { to_item_id: 'preform-few' })).toMatchObject({
    code: 'wrong_item_type',
    expected: 'bottle',
  })
  expect(await refused(5, 5, { to_item_id: 'ghost' })).toMatchObject({ status: 404, item_id: 'ghost' })
  expect(await refused(5, 5, { warehouse_id: 'moon' })).toMatchObject({ status: 404, code: 'warehouse_not_found' })
  expect(await refused(5, 0)).toMatchObject({ status: 422, code: 'validation_failed' })
  expect(await counted()).toBe(before)
  expect(await house.shelfOf('preform-few')).toEqual(level)
})

test('of runs at once that need more preforms than there are, those go through that there are preforms for', async () => {
  await preforms('race', 500)
  expect(tally(await atOnce(4, () => blow('race', 200, 190)))).toEqual({ 201: 2, 400: 2 })
  expect(await house.shelfOf('preform-race')).toMatchObject({ onHand: 100, valueMinor: 20_000n })
  expect(await house.shelfOf('bottle-race')).toMatchObject({ onHand: 380, valueMinor: 80_000n })
})

test('a run is taken back once while its bottles are there, and everything is as before', async () => {
  await preforms('back', 100)
  const made = await blow('back', 100, 50, { blow_cost_per_unit: 0.1 })
  const answers = await atOnce(4, () => reverse(made.body.id))
  expect(tally(answers)).toEqual({ 200: 1, 409: 3 })
  const read = await house.call('get', `/blows/${made.body.id}`)
  expect(read.body).toMatchObject({ status: 'reversed', reversal: { reason: 'Entered twice' }, version: 2 })
  expect(await house.shelfOf('preform-back')).toMatchObject({ onHand: 100, valueMinor: 20_000n })
  expect(await house.shelfOf('bottle-back')).toMatchObject({ onHand: 0, valueMinor: 0n })
  expect(await house.bookedFor(made.body.id)).toEqual({})
  expect(await announced(house.db, blowReversed)).toHaveLength(1)
})

test('a run whose bottles are sold in part stands, whatever other bottles there are', async () => {
  await preforms('sold', 300)
  const first = await blow('sold', 100, 100)
  await house.sell([{ item_id: 'bottle-sold', quantity: 1 }])
  const level = await house.shelfOf('bottle-sold')
  expect((await reverse(first.body.id)).body).toMatchObject({ status: 409, code: 'bottles_gone', shortage: 1 })
  const second = await blow('sold', 100, 100)
  expect((await reverse(first.body.id)).body).toMatchObject({ status: 409, code: 'bottles_gone', shortage: 1 })
  expect((await reverse(second.body.id)).status).toBe(200)
  expect(await house.shelfOf('bottle-sold')).toEqual(level)
})

test('at average cost a run is taken back at what its bottles are worth now, and the rest is a variance', async () => {
  await preforms('average', 300, 'average')
  const first = await blow('average', 100, 100)
  await blow('average', 100, 50, { standard_yield: 50 })
  expect((await reverse(first.body.id)).status).toBe(200)
  expect(await house.bookedFor(first.body.id)).toEqual({ inventory: -6_667n, stock_variance: 6_667n })
  expect(await house.shelfOf('bottle-average')).toMatchObject({ onHand: 50, valueMinor: 13_333n })
})

test('a repeat under one key is answered as the first, and blows nothing', async () => {
  await preforms('once', 100)
  const before = await counted()
  const answers = await atOnce(4, () => blow('once', 10, 10, { key: 'blow-once' }))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(await counted()).toBe(before + 1)
  const back = await atOnce(3, () => reverse(answers[0]?.body.id, 'back-once'))
  expect(tally(back)).toEqual({ 200: 3 })
})

test('a dry run answers what would be, and leaves nothing', async () => {
  await preforms('dry', 10)
  const before = await counted()
  const dry = await blow('dry', 10, 9, { query: { dry_run: true } })
  expect(dry).toMatchObject({ status: 200, body: { dry_run: true, id: null, produced_cost: 20, yield: 90 } })
  expect(await counted()).toBe(before)
})

test('efficiency sums up what stands, in all, by item and by day', async () => {
  await preforms('sums', 1000)
  await blow('sums', 400, 390)
  await blow('sums', 600, 560, { blow_cost_per_unit: 0.1 })
  const undone = await blow('race', 10, 1)
  await reverse(undone.body.id)
  const of = async (query: object) => (await house.call('get', '/blows/efficiency', { role: 'viewer', query })).body
  const sums = {
    runs: 2,
    input_quantity: 1000,
    quantity: 950,
    wastage: 50,
    yield: 95,
    blow_cost: 56,
    produced_unit_cost: 2.16,
  }
  const found = await of({ to_item_id: 'bottle-sums' })
  expect(found).toMatchObject({ total: sums, by_item: [{ from_item_id: 'preform-sums', ...sums }], by_day: [sums] })
  expect(await of({ to: '2020-01-01' })).toMatchObject({ total: { runs: 0, yield: 0 }, by_item: [], by_day: [] })
  expect(
    (await of({})).by_item.find(({ to_item_id }: { to_item_id: string }) => to_item_id === 'bottle-race'),
  ).toMatchObject({ runs: 2 })
})

test('staff see and take back their own runs alone', async () => {
  await preforms('own', 10)
  const { id } = (await blow('own', 10, 10, { userId: 'USER-RAJ' })).body
  expect((await house.call('get', `/blows/${id}`)).status).toBe(404)
  expect((await reverse(id)).status).toBe(404)
  expect((await house.call('get', `/blows/${id}`, { role: 'viewer' })).status).toBe(200)
  expect((await house.call('post', `/blows/${id}/reverse`, { role: 'viewer', body: { reason: 'x' } })).status).toBe(403)
  const list = await house.call('get', '/blows', { userId: 'USER-RAJ', query: { to_item_id: 'bottle-own' } })
  expect(list.body.map(({ created_by }: { created_by: string }) => created_by)).toEqual(['USER-RAJ'])
})
