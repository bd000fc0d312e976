import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sum, totalsOf } from './totals.js'

const free = { taxRate: 0n, shippingMinor: 0n, freeShippingFromMinor: null }
const line = (quantity: number, unitPriceMinor: bigint) => ({ quantity, unitPriceMinor })

test('a discount is shared out by value, and the cent that is left goes to whom it fits best', () => {
  const totals = totalsOf([line(1, 1000n), line(1, 1000n), line(1, 1000n)], { kind: 'fixed', value: 1000n }, free)
  expect(totals.lines.map(({ discountMinor }) => discountMinor)).toEqual([334n, 333n, 333n])
  expect(totals).toMatchObject({ subtotalMinor: 3000n, discountMinor: 1000n, totalMinor: 2000n })
})

test('tax is asked for on what is left of a price, shipping on top; a large order is sent free', () => {
  const terms = { taxRate: 1_800n, shippingMinor: 490n, freeShippingFromMinor: 5_000n }
  expect(totalsOf([line(2, 1_999n)], { kind: 'percent', value: 1_000n }, terms)).toMatchObject({
    ...{ subtotalMinor: 3_998n, discountMinor: 400n, taxMinor: 648n, shippingMinor: 490n, totalMinor: 4_736n },
  })
  expect(totalsOf([line(5, 1_999n)], undefined, terms)).toMatchObject({ shippingMinor: 0n })
})

test('a coupon takes off no more than there is, and what is given away comes to nothing', () => {
  expect(totalsOf([line(1, 500n)], { kind: 'fixed', value: 900n }, free)).toMatchObject({
    discountMinor: 500n,
    totalMinor: 0n,
  })
  expect(totalsOf([line(3, 0n)], { kind: 'percent', value: 5_000n }, free)).toMatchObject({ totalMinor: 0n })
})

const lines = fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 1000 }), unitPriceMinor: fc.bigInt(0n, 10_000_000n) }), { minLength: 1, maxLength: 20 }) // prettier-ignore
const coupon = fc.option(
  fc.oneof(
    fc.record({ kind: fc.constant('percent' as const), value: fc.bigInt(1n, 10_000n) }),
    fc.record({ kind: fc.constant('fixed' as const), value: fc.bigInt(1n, 1_000_000n) }),
  ),
  { nil: undefined },
)

test('the lines of any order add up to it, and none is below zero', () => {
  const terms = fc.record({ taxRate: fc.bigInt(0n, 3_000n), shippingMinor: fc.bigInt(0n, 10_000n), freeShippingFromMinor: fc.constant(null) }) // prettier-ignore
  fc.assert(
    fc.property(lines, coupon, terms, (bought, used, asked) => {
      const totals = totalsOf(bought, used, asked)
      for (const part of ['subtotalMinor', 'discountMinor', 'taxMinor'] as const)
        expect(sum(totals.lines.map((one) => one[part]))).toBe(totals[part])
      expect(sum(totals.lines.map(({ totalMinor }) => totalMinor)) + totals.shippingMinor).toBe(totals.totalMinor)
      expect(totals.lines.every((one) => one.totalMinor >= 0n && one.discountMinor <= one.subtotalMinor)).toBe(true)
    }),
  )
})
