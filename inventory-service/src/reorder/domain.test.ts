import { expect, test } from '@jest/globals'
import { demandOf, quantityToOrder, reorderPointOf, suggest, type Finding, type Suggestion } from './domain.js'

const policy = { reorderQuantity: null, reorderMultiple: 1, leadTimeDays: 9, serviceLevel: 95 }
const NOW = new Date('2026-11-21T09:30:00Z')

test('days on which nothing left count as days', () => {
  expect(demandOf([10, 10], 4)).toEqual({ mean: 5, deviation: 5 })
  expect(demandOf([], 56)).toEqual({ mean: 0, deviation: 0 })
})

test('an even demand is ordered for its lead time, an uneven one with more to be safe', () => {
  expect(reorderPointOf({ mean: 10, deviation: 0 }, policy)).toBe(90)
  // 90 + 1.645 × 5 × √9
  expect(reorderPointOf({ mean: 10, deviation: 5 }, policy)).toBe(115)
  expect(reorderPointOf({ mean: 10, deviation: 5 }, { ...policy, serviceLevel: 50 })).toBe(90)
  expect(reorderPointOf({ mean: 10, deviation: 5 }, { ...policy, serviceLevel: 99.9 })).toBe(137)
})

test.each([
  ['there is enough', 100, 101, {}, 0],
  ['it is time', 100, 100, {}, 1],
  ['what is missing', 100, 40, {}, 60],
  ['at least what is ordered at a time', 100, 40, { reorderQuantity: 500 }, 500],
  ['whole multiples', 100, 40, { reorderMultiple: 25 }, 75],
  ['nothing for what nobody asks for', 0, 0, {}, 0],
])('%s: at a reorder point of %i and %i to come', (_, reorderPoint, projected, more, quantity) => {
  expect(quantityToOrder(reorderPoint, projected, { ...policy, ...more })).toBe(quantity)
})

test('one suggestion is opened, brought up to date, and withdrawn when there is enough', () => {
  const spot = { _id: 's1', itemId: 'bottle', warehouseId: 'main' }
  const finding: Finding = { quantity: 60, reorderPoint: 100, projected: 40, demandPerDay: 10, supplierId: null }
  const open = suggest(undefined, spot, finding, NOW) as Suggestion
  expect(open).toMatchObject({ status: 'open', quantity: 60, version: 1 })
  expect(suggest(open, spot, finding, NOW)).toBeUndefined()
  expect(suggest(open, spot, { ...finding, quantity: 80, projected: 20 }, NOW)).toMatchObject({
    quantity: 80,
    version: 2,
  })
  expect(suggest(open, spot, { ...finding, quantity: 0 }, NOW)).toMatchObject({ status: 'withdrawn' })
  expect(suggest(undefined, spot, { ...finding, quantity: 0 }, NOW)).toBeUndefined()
})
