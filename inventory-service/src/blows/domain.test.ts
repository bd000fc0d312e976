import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { assertOutput, costOfBlow, sidesOf, sidesOfReversal, unitCostOf, yieldOf, type BlowTerms } from './domain.js'

const run = (more: Partial<BlowTerms> = {}): BlowTerms => ({
  ...{ fromItemId: 'preform', toItemId: 'bottle', warehouseId: 'main', inputQuantity: 1000, quantity: 950 },
  ...{ blowCostPerUnitMinor: 0n, blowCostBasis: 'output', standardYieldBps: null, notes: null, ...more },
})

test('1000 preforms for 2000.00 that make 950 bottles cost 2.11 each, and all of it together', () => {
  const costs = costOfBlow(run(), 200_000n)
  expect(costs).toEqual({
    materialCostMinor: 200_000n,
    blowCostMinor: 0n,
    varianceMinor: 0n,
    producedCostMinor: 200_000n,
  })
  expect(unitCostOf({ ...run(), ...costs })).toBe(211n)
  expect(yieldOf(run())).toBe(9_500n)
})

test('blowing is paid for good bottles, or for every preform', () => {
  const costs = (blowCostBasis: 'input' | 'output') =>
    costOfBlow(run({ blowCostPerUnitMinor: 10n, blowCostBasis }), 200_000n)
  expect(costs('output')).toMatchObject({ blowCostMinor: 9_500n, producedCostMinor: 209_500n })
  expect(costs('input')).toMatchObject({ blowCostMinor: 10_000n, producedCostMinor: 210_000n })
})

test('a loss within the standard yield makes bottles dearer; what is lost beyond it is a variance', () => {
  const costs = (quantity: number) => costOfBlow(run({ quantity, standardYieldBps: 9_500n }), 190_000n)
  expect(costs(960)).toMatchObject({ varianceMinor: 0n, producedCostMinor: 190_000n })
  expect(costs(950)).toMatchObject({ varianceMinor: 0n, producedCostMinor: 190_000n })
  expect(costs(855)).toMatchObject({ varianceMinor: 19_000n, producedCostMinor: 171_000n })
})

test('no more bottles come out than preforms go in', () => {
  expect(() => {
    assertOutput(run({ quantity: 1001 }))
  }).toThrow(/No more bottles/)
})

const anyRun = fc
  .record({
    inputQuantity: fc.integer({ min: 1, max: 100_000 }),
    lost: fc.nat(100),
    blowCostPerUnitMinor: fc.bigInt(0n, 500n),
    blowCostBasis: fc.constantFrom('input' as const, 'output' as const),
    standardYieldBps: fc.option(fc.bigInt(1n, 10_000n)),
  })
  .map(({ lost, ...rest }) =>
    run({ ...rest, quantity: Math.max(1, Math.floor((rest.inputQuantity * (100 - lost)) / 100)) }),
  )
const total = (sides: object) =>
  Object.values(sides as Record<string, bigint>).reduce((sum, amount) => sum + amount, 0n)

test('whatever a run costs, nothing is lost: what goes in comes out as bottles or variance, and its entries balance', () => {
  fc.assert(
    fc.property(anyRun, fc.bigInt(0n, 10_000_000n), fc.bigInt(0n, 1_000_000n), (terms, materialMinor, leavingMinor) => {
      const costs = costOfBlow(terms, materialMinor)
      expect(costs.producedCostMinor + costs.varianceMinor).toBe(materialMinor + costs.blowCostMinor)
      expect(costs.varianceMinor).toBeGreaterThanOrEqual(0n)
      expect(costs.varianceMinor).toBeLessThanOrEqual(materialMinor)
      expect(total(sidesOf(costs))).toBe(0n)
      expect(total(sidesOfReversal(costs, leavingMinor))).toBe(0n)
    }),
  )
})

test('a run that is taken back in full leaves no trace in the accounts', () => {
  const costs = costOfBlow(run({ blowCostPerUnitMinor: 7n, standardYieldBps: 9_800n }), 200_000n)
  const [done, undone] = [sidesOf(costs), sidesOfReversal(costs, costs.producedCostMinor)] as Record<string, bigint>[]
  for (const account of ['inventory', 'production_costs', 'stock_variance'])
    expect((done?.[account] ?? 0n) + (undone?.[account] ?? 0n)).toBe(0n)
})
