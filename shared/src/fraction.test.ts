import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ONE, add, compare, divide, fraction, fractionOf, multiply, power, rounded, subtract } from './fraction.js'

const anyFraction = fc
  .tuple(fc.bigInt({ min: -1_000_000n, max: 1_000_000n }), fc.bigInt({ min: 1n, max: 1_000_000n }))
  .map(([numerator, denominator]) => fraction(numerator, denominator))

test('a fraction is kept in lowest terms with the sign on top', () => {
  expect(fraction(6n, -4n)).toEqual({ numerator: -3n, denominator: 2n })
  expect(() => fraction(1n, 0n)).toThrow(RangeError)
})

test('decimals are read exactly', () => {
  expect(fractionOf('12.5')).toEqual({ numerator: 25n, denominator: 2n })
  expect(fractionOf('-0.05')).toEqual({ numerator: -1n, denominator: 20n })
})

test('what is added can be taken away, what is multiplied can be divided, exactly', () => {
  fc.assert(
    fc.property(anyFraction, anyFraction, (a, b) => {
      expect(subtract(add(a, b), b)).toEqual(a)
      if (b.numerator !== 0n) expect(divide(multiply(a, b), b)).toEqual(a)
    }),
  )
})

test('a power is a repeated product', () => {
  fc.assert(
    fc.property(anyFraction, fc.nat(8), (base, exponent) => {
      const product = Array.from({ length: exponent }, () => base).reduce(multiply, ONE)
      expect(power(base, exponent)).toEqual(product)
    }),
  )
})

test('rounding to hundredths is never off by more than half a hundredth', () => {
  fc.assert(
    fc.property(anyFraction, (value) => {
      const off = subtract(fraction(rounded(value, 100n, 'half_even'), 100n), value)
      expect(compare(off, fraction(1n, 200n))).toBeLessThanOrEqual(0)
      expect(compare(off, fraction(-1n, 200n))).toBeGreaterThanOrEqual(0)
    }),
  )
})
