import { divide, fraction, fractionOf, type Fraction } from '@countinghouse/shared/fraction'

const PERCENT_MONTHS = fraction(1200n)

/**
 * The equal monthly instalment of one unit of principal, r(1+r)ⁿ / ((1+r)ⁿ − 1), exactly. It is not brought to lowest
 * terms: over 360 months its parts have thousands of digits, and reducing them costs more than all else together.
 */
export const instalmentPerUnit = (annualRate: string, months: number): Fraction => {
  const { numerator: rate, denominator: unit } = divide(fractionOf(annualRate), PERCENT_MONTHS)
  if (rate === 0n) return fraction(1n, BigInt(months))
  const grown = (unit + rate) ** BigInt(months)
  return { numerator: rate * grown, denominator: unit * (grown - unit ** BigInt(months)) }
}
