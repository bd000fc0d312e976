import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { blowCompleted, blowReversed } from '@countinghouse/shared/contracts/blows'
import * as contracts from '@countinghouse/shared/contracts/purchases'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import type { Response } from 'supertest'
import { purchases } from '../purchases/store.js'
import { PREFORM, openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'
import { blows } from './store.js'

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse()
  await house.call('post', '/items', { body: { id: 'bottle', name: 'Bottle', type: 'bottle' } })
})
afterEach(() => {
  watchFaultPoints(undefined)
})
afterAll(() => house.close())

const crashedAt = new Set<string>()

/** Asks under one key, dying at each point of the commit that it comes to, until it is answered. */
const insist = async (ask: () => Promise<Response>): Promise<Response> => {
  const passed = new Set<string>()
  watchFaultPoints((name) => {
    if (!name.startsWith('stock:') || passed.has(name)) return
    passed.add(name)
    crashedAt.add(name)
    throw new Error(`Crash at ${name}`)
  })
  for (;;) {
    const answer = await ask()
    if (answer.status < 500) return answer
  }
}
const step = (path: string, body: object, key = path) => insist(() => house.call('post', path, { body, key }))

test('wherever it dies in a purchase or a run, each step is taken once, and stock, books and numbers agree', async () => {
  const order = {
    supplier_id: 'SUP-001',
    line_items: [{ item_id: PREFORM, quantity: 100, unit_price: 2 }],
    receive: false,
  }
  const { bill_number: number } = (await step('/purchases', order)).body
  const some = [{ item_id: PREFORM, quantity: 40 }]
  await step(`/purchases/${number}/receive`, { line_items: some }, 'some')
  await step(`/purchases/${number}/receive`, {}, 'rest')
  await step(`/purchases/${number}/payments`, { amount: 50 })
  await step(`/purchases/${number}/returns`, { line_items: [{ item_id: PREFORM, quantity: 10 }], reason: 'Dents' })
  await step(`/purchases/${number}/costs`, { kind: 'bill_difference', amount: 9, reason: 'Dearer' })
  const run = { from_item_id: PREFORM, to_item_id: 'bottle', input_quantity: 30, quantity: 29, blow_cost_per_unit: 1 }
  const [stays, goes] = [await step('/blows', run, 'stays'), await step('/blows', run, 'goes')]
  await step(`/blows/${goes.body.id}/reverse`, { reason: 'Entered twice' })

  expect([...crashedAt]).toEqual(expect.arrayContaining(['stock:before-commit', 'stock:committed']))
  const reads = readsOn(house.db)
  expect([await reads.count(purchases, {}), await reads.count(blows, {})]).toEqual([1, 2])
  expect(number).toMatch(/-0001$/)
  const read = await house.call('get', `/purchases/${number}`)
  expect(read.body).toMatchObject({ status: 'received', total_amount: 189, paid_amount: 50, amount_due: 139 })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: 60, incoming: 0, valueMinor: 12_600n })
  expect(await house.shelfOf('bottle')).toMatchObject({ onHand: 29, valueMinor: 9_200n })
  expect(await house.bookedFor(number)).toEqual({ inventory: 18_900n, bank: -5_000n, payables: -13_900n })
  expect(await house.bookedFor(stays.body.id)).toEqual({ inventory: 2_900n, production_costs: -2_900n })
  expect(await house.bookedFor(goes.body.id)).toEqual({})
  const told = [
    contracts.purchaseOrdered,
    contracts.purchaseReceived,
    contracts.purchasePaid,
    blowCompleted,
    blowReversed,
  ]
  const counts = await Promise.all(told.map(async (contract) => (await announced(house.db, contract)).length))
  expect(counts).toEqual([1, 2, 1, 2, 1])
})
