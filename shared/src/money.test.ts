import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AMOUNT_MINOR_MAX, divideRounded, formatAmount, parseAmount, splitByWeights, toWireAmount } from './money.js'

const anyAmount = fc.bigInt({ min: -AMOUNT_MINOR_MAX, max: AMOUNT_MINOR_MAX })
const anyCurrency = fc.constantFrom('USD', 'JPY', 'KWD', 'INR')

test.each([
  ['12.5', 'USD', 1250n],
  [12.5, 'USD', 1250n],
  ['-0.01', 'USD', -1n],
  ['12.500', 'USD', 1250n],
  ['1.234', 'KWD', 1234n],
  ['500', 'JPY', 500n],
  ['9999999999999.99', 'USD', AMOUNT_MINOR_MAX],
])('%p in %s is read exactly', (text, currency, minor) => {
  expect(parseAmount(text, currency)).toBe(minor)
})

test.each([
  ['1.005', 'USD', 'too_many_decimals'],
  ['0.5', 'JPY', 'too_many_decimals'],
  ['10000000000000.00', 'USD', 'too_large'],
  ['1e3', 'USD', 'not_a_decimal'],
  ['', 'USD', 'not_a_decimal'],
  ['1,000', 'USD', 'not_a_decimal'],
  [Number.NaN, 'USD', 'not_a_decimal'],
  [1e21, 'USD', 'not_a_decimal'],
])('%p in %s is not rounded but named: %s', (text, currency, problem) => {
  expect(parseAmount(text, currency)).toBe(problem)
})

test('every amount survives the way to text or to a JSON number and back', () => {
  fc.assert(
    fc.property(anyAmount, anyCurrency, (amount, currency) => {
      expect(parseAmount(formatAmount(amount, currency), currency)).toBe(amount)
      expect(parseAmount(toWireAmount(amount, currency), currency)).toBe(amount)
    }),
  )
})

test.each([
  [5n, 2n, { half_even: 2n, half_up: 3n, down: 2n, up: 3n }],
  [7n, 2n, { half_even: 4n, half_up: 4n, down: 3n, up: 4n }],
  [-5n, 2n, { half_even: -2n, half_up: -3n, down: -2n, up: -3n }],
  [9n, 4n, { half_even: 2n, half_up: 2n, down: 2n, up: 3n }],
  [11n, 4n, { half_even: 3n, half_up: 3n, down: 2n, up: 3n }],
  [8n, 4n, { half_even: 2n, half_up: 2n, down: 2n, up: 2n }],
])('%p / %p rounds by the rule that is named', (numerator, denominator, expected) => {
  for (const rule of ['half_even', 'half_up', 'down', 'up'] as const)
    expect(divideRounded(numerator, denominator, rule)).toBe(expected[rule])
})

test('parts by weight add up to the whole, and none is more than one unit from its exact share', () => {
  const weights = fc.array(fc.bigInt({ min: 1n, max: 1_000_000n }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: AMOUNT_MINOR_MAX }), weights, (total, shares) => {
      const parts = splitByWeights(total, shares)
      const sum = shares.reduce((left, right) => left + right, 0n)
      expect(parts.reduce((left, right) => left + right, 0n)).toBe(total)
      parts.forEach((part, index) => {
        const difference = part * sum - total * (shares[index] ?? 0n)
        expect(difference > -sum && difference < sum).toBe(true)
      })
    }),
  )
})
