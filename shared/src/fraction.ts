import { divideRounded, type RoundingRule } from './money.js'

/** An exact rational number; the denominator is always above zero. */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint }

/** A fraction in lowest terms. Throws a RangeError on a denominator of zero. */
export const fraction = (numerator: bigint, denominator = 1n): Fraction => {
  if (denominator === 0n) throw new RangeError('the denominator is zero')
  const divisor = greatestCommonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/** Reads a decimal such as `12.5` exactly. */
export const fractionOf = (decimal: string): Fraction => {
  const [whole = '', decimals = ''] = decimal.split('.')
  return fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length))
}

export const ZERO: Fraction = { numerator: 0n, denominator: 1n }
export const ONE: Fraction = { numerator: 1n, denominator: 1n }

export const add = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
export const subtract = (a: Fraction, b: Fraction): Fraction => add(a, { ...b, numerator: -b.numerator })
export const multiply = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator)
export const divide = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator, a.denominator * b.numerator)
export const power = (a: Fraction, exponent: number): Fraction =>
  fraction(a.numerator ** BigInt(exponent), a.denominator ** BigInt(exponent))

/** Below zero when `a < b`, zero when equal, above zero when `a > b`. */
export const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}
export const smaller = (a: Fraction, b: Fraction): Fraction => (compare(a, b) <= 0 ? a : b)
export const larger = (a: Fraction, b: Fraction): Fraction => (compare(a, b) >= 0 ? a : b)

/** The whole number nearest to `a × scale` by the named rule: `rounded(x, 100n, 'half_even')` is x in hundredths. */
export const rounded = (a: Fraction, scale: bigint, rule: RoundingRule): bigint =>
  divideRounded(a.numerator * scale, a.denominator, rule)

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => {
  let [left, right] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (right > 0n) [left, right] = [right, left % right]
  return left
}
