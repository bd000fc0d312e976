import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { purchaseCostChanged } from '@countinghouse/shared/contracts/purchases'
import { announced } from '@countinghouse/shared/testing/events'
import { openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse()
})
afterAll(() => house.close())

/** A purchase of 100 pieces of an item of the test's own, at 1.00 each. */
const bought = async (id: string, valuation_method = 'fifo'): Promise<string> => {
  await house.call('post', '/items', { body: { id, name: id, type: 'goods', valuation_method } })
  return (await house.buy(0, { line_items: [{ item_id: id, quantity: 100, unit_price: 1 }] })).body.bill_number
}
const add = (number: string, amount: number, more: object = {}) =>
  house.take(number, 'costs', { kind: 'bill_difference', amount, reason: 'The price rose', ...more })
const costOfSold = async (item_id: string, quantity: number) =>
  (await house.bookedFor((await house.sell([{ item_id, quantity }])).body.bill_number))['cost_of_goods_sold']

test('a bill that comes to more than the order adds to the goods that are here; for those that left it is a variance', async () => {
  const number = await bought('risen')
  expect(await costOfSold('risen', 60)).toBe(6_000n)
  const changed = await add(number, 10)
  expect(changed.body).toMatchObject({ total_amount: 110, owed_amount: 110, late_costs: [{ amount: 10, to_stock: 4 }] })
  expect(await house.shelfOf('risen')).toMatchObject({ onHand: 40, valueMinor: 4_400n })
  expect(await house.bookedFor(number)).toEqual({ inventory: 10_400n, stock_variance: 600n, payables: -11_000n })
  expect(await costOfSold('risen', 40)).toBe(4_400n)
  expect((await announced(house.db, purchaseCostChanged)).map(({ subject }) => subject)).toEqual([number])
})

test('a bill that comes to less takes from them what they cannot fall below: nothing', async () => {
  const number = await bought('fallen')
  expect((await add(number, 30, { less: true })).body).toMatchObject({
    total_amount: 70,
    late_costs: [{ to_stock: -30 }],
  })
  expect((await add(number, 71, { less: true })).body).toMatchObject({ status: 422, code: 'bill_below_zero' })
  await house.call('post', '/items', { body: { id: 'free', name: 'Free', type: 'goods' } })
  expect((await add(number, 5, { kind: 'landed_cost', less: true })).status).toBe(422)
  expect(await house.shelfOf('fallen')).toMatchObject({ valueMinor: 7_000n })
})

test('what it cost to get the goods here is paid at once and not owed to their supplier', async () => {
  const number = await bought('landed')
  const changed = await add(number, 25, { kind: 'landed_cost', method: 'cash' })
  expect(changed.body).toMatchObject({ total_amount: 100, late_costs: [{ kind: 'landed_cost', to_stock: 25 }] })
  expect(await house.bookedFor(number)).toEqual({ inventory: 12_500n, cash: -2_500n, payables: -10_000n })
})

test('goods that were costed anew go back at their new cost', async () => {
  const number = await bought('returned')
  await bought('returned')
  await add(number, 10)
  await house.take(number, 'returns', { line_items: [{ item_id: 'returned', quantity: 50 }], reason: 'Dents' })
  expect(await house.bookedFor(number)).toEqual({ inventory: 5_500n, stock_variance: 500n, payables: -6_000n })
})

test('at average cost a late cost is borne by what came last', async () => {
  const number = await bought('mixed', 'average')
  await costOfSold('mixed', 50)
  await bought('mixed', 'average')
  expect((await add(number, 10)).body).toMatchObject({ late_costs: [{ to_stock: 10 }] })
  expect(await house.shelfOf('mixed')).toMatchObject({ onHand: 150, valueMinor: 16_000n })
})

test('nothing bears a cost where nothing came; a large one waits for approval', async () => {
  const line_items = [{ item_id: 'risen', quantity: 1, unit_price: 1 }]
  const ordered = (await house.buy(0, { line_items, receive: false })).body.bill_number
  expect((await add(ordered, 1)).body).toMatchObject({ code: 'purchase_state' })
  const number = await bought('approved')
  const waiting = await add(number, 10_001)
  expect(waiting.status).toBe(202)
  expect((await house.call('get', `/purchases/${number}`)).body).toMatchObject({ total_amount: 100 })
  for (const userId of ['USER-A', 'USER-B'])
    await house.call('post', `/approvals/${waiting.body.approval_id}/approve`, { userId, body: {} })
  expect((await house.call('get', `/purchases/${number}`)).body).toMatchObject({ total_amount: 10_101 })
  expect(await house.shelfOf('approved')).toMatchObject({ valueMinor: 1_010_100n })
})
