import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addLayer, remainingIn, shareOf, takeFromLayers } from './layers.js'
import type { Layer, ValuationMethod } from './stock.js'

const spot = { itemId: 'bottle', warehouseId: 'main' }

/** Receipts of `[quantity, value]` and takings of a quantity, one after another; answers what each taking cost. */
const run = (method: ValuationMethod, steps: ([number, bigint] | number)[], first?: string) => {
  let open: Layer[] = []
  const costs: bigint[] = []
  for (const [index, step] of steps.entries()) {
    if (typeof step === 'number') {
      const taken = takeFromLayers(open, method, { ...spot, quantity: step, first })
      costs.push(taken.uses.reduce((sum, { valueMinor }) => sum + valueMinor, 0n))
      open = taken.open
    } else {
      const [quantity, valueMinor] = step
      open = addLayer(open, method, { ...spot, _id: `r${index.toString()}`, seq: index, quantity, valueMinor }).open
    }
  }
  const left = open.map(remainingIn)
  return { costs, left }
}

test.each([
  ['the oldest goods leave first', [[10, 100n], [10, 200n], 15], [200n], [[5, 100n]]],
  ['goods that came for nothing cost nothing', [[10, 0n], [10, 200n], 10, 5], [0n, 100n], [[5, 100n]]],
  ['what came back is the newest', [[10, 100n], 10, [4, 40n], [10, 300n], 6], [100n, 100n], [[8, 240n]]],
  ['three pieces of a hundred cents cost a hundred cents', [[3, 100n], 1, 1, 1], [33n, 34n, 33n], []],
  ['950 bottles made of 2000.00 cost 2000.00', [[950, 200_000n], 300, 600, 50], [63_158n, 126_316n, 10_526n], []],
] as [string, ([number, bigint] | number)[], bigint[], [number, bigint][]][])('FIFO: %s', (_, steps, costs, left) => {
  expect(run('fifo', steps)).toEqual({ costs, left: left.map(([quantity, valueMinor]) => ({ quantity, valueMinor })) })
})

test.each([
  ['goods cost what they did on average', [[10, 100n], [10, 200n], 15], [225n], [[5, 75n]]],
  ['the average moves with each receipt', [[10, 100n], 5, [5, 150n], 4], [50n, 80n], [[6, 120n]]],
  ['the last piece takes what is left', [[3, 100n], 1, 1, 1], [33n, 34n, 33n], []],
  ['after it is empty an average begins anew', [[10, 100n], 10, [2, 90n], 1], [100n, 45n], [[1, 45n]]],
] as [string, ([number, bigint] | number)[], bigint[], [number, bigint][]][])(
  'average: %s',
  (_, steps, costs, left) => {
    expect(run('average', steps)).toEqual({
      costs,
      left: left.map(([quantity, valueMinor]) => ({ quantity, valueMinor })),
    })
  },
)

test('what goes back to a supplier leaves the layer that it came with, and then the oldest', () => {
  const steps: ([number, bigint] | number)[] = [[10, 100n], [10, 200n], 5, 8]
  expect(run('fifo', steps, 'r1')).toEqual({ costs: [100n, 130n], left: [{ quantity: 7, valueMinor: 70n }] })
})

test('other warehouses and other items are not touched', () => {
  const there = { _id: 'x', itemId: 'bottle', warehouseId: 'north', seq: 1, quantity: 5, valueMinor: 5n }
  const { open } = addLayer([], 'fifo', there)
  expect(() => takeFromLayers(open, 'fifo', { ...spot, quantity: 1, first: undefined })).toThrow('less than is on hand')
})

const receipts = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.bigInt({ min: 0n, max: 10n ** 12n })), {
  minLength: 1,
  maxLength: 8,
})

test.each(['fifo', 'average'] as const)('%s: however goods leave, they cost exactly what they cost', (method) => {
  fc.assert(
    fc.property(receipts, fc.infiniteStream(fc.integer({ min: 1, max: 3000 })), (arrivals, sizes) => {
      let left = arrivals.reduce((sum, [quantity]) => sum + quantity, 0)
      const steps: ([number, bigint] | number)[] = [...arrivals]
      for (const size of sizes) {
        steps.push(Math.min(size, left))
        left -= Math.min(size, left)
        if (left === 0) break
      }
      const { costs, left: rest } = run(method, steps)
      expect(rest).toEqual([])
      expect(costs.every((cost) => cost >= 0n)).toBe(true)
      const received = arrivals.reduce((sum, [, valueMinor]) => sum + valueMinor, 0n)
      expect(costs.reduce((sum, cost) => sum + cost, 0n)).toBe(received)
    }),
    { numRuns: 50 },
  )
})

test('shares of a total grow with the quantity and reach the total', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 10_000 }),
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      (quantity, valueMinor) => {
        const total = { quantity, valueMinor }
        expect(shareOf(total, quantity)).toBe(valueMinor)
        expect(shareOf(total, quantity - 1) <= valueMinor).toBe(true)
      },
    ),
  )
})
