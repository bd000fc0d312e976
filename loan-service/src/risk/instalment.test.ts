import { expect, test } from '@jest/globals'
import { rounded } from '@countinghouse/shared/fraction'
import { instalmentPerUnit } from './instalment.js'

const instalment = (amountMinor: bigint, annualRate: string, months: number) =>
  rounded(instalmentPerUnit(annualRate, months), amountMinor, 'half_even')

test('100000 at 12 % a year over 12 months is paid back with 8884.88 a month', () => {
  expect(instalment(100_000_00n, '12', 12)).toBe(8_884_88n)
})

test('without interest the instalment is the amount over the months', () => {
  expect(instalment(1_200_00n, '0', 12)).toBe(100_00n)
  expect(instalment(1_200_00n, '0.0000', 12)).toBe(100_00n)
})

test('a loan of one month is paid back with one month of interest', () => {
  expect(instalment(1_000_00n, '12', 1)).toBe(1_010_00n)
})

test('rates with four decimals and very long terms stay exact and quick', () => {
  // Interest alone on 100000 is 1029.80 a month; after 1200 months next to nothing is added for the principal.
  expect(instalment(100_000_00n, '12.3576', 1200)).toBe(1_029_80n)
})
