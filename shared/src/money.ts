/** Amounts are whole minor units (cents) in a bigint; this module alone turns them into decimals and back, and rounds. */

/** decimal(15,2): the largest amount on the wire is 9,999,999,999,999.99. */
export const AMOUNT_MINOR_MAX = 999_999_999_999_999n

// ISO 4217 list one: the currencies whose minor unit is not a hundredth.
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3, BIF: 0, CLP: 0, DJF: 0, GNF: 0, IQD: 3, ISK: 0, JOD: 3, JPY: 0, KMF: 0, KRW: 0, KWD: 3, LYD: 3,
  OMR: 3, PYG: 0, RWF: 0, TND: 3, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
} // prettier-ignore

/** How many decimals the currency has (ISO 4217). */
export const exponentOf = (currency: string): number => EXPONENTS[currency] ?? 2

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

export type AmountProblem = 'not_a_decimal' | 'too_many_decimals' | 'too_large'

/** Reads a decimal (`12.5`, `"12.50"`) exactly; names the problem instead of rounding. */
export const parseAmount = (text: string | number, currency: string): bigint | AmountProblem => {
  const match = DECIMAL.exec(String(text).trim())
  if (!match) return 'not_a_decimal'
  const [, sign, whole = '', fraction = ''] = match
  const exponent = exponentOf(currency)
  if (fraction.replace(/0+$/, '').length > exponent) return 'too_many_decimals'
  const minor = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'))
  if (minor > AMOUNT_MINOR_MAX) return 'too_large'
  return sign === '-' ? -minor : minor
}

/** `123456n` in USD is `1234.56`. */
export const formatAmount = (amountMinor: bigint, currency: string): string => {
  const exponent = exponentOf(currency)
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const sign = amountMinor < 0n ? '-' : ''
  return exponent === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-exponent)}`
}

/** The JSON number on the wire; exact, because decimal(15,2) fits a double. */
export const toWireAmount = (amountMinor: bigint, currency: string): number =>
  Number(formatAmount(amountMinor, currency))

export type RoundingRule = 'half_even' | 'half_up' | 'down' | 'up'

/** Divides and rounds to a whole number by the named rule; `half_up`, `up` and `down` look at the absolute value. */
export const divideRounded = (numerator: bigint, denominator: bigint, rule: RoundingRule): bigint => {
  const negative = numerator < 0n !== denominator < 0n
  const [top, bottom] = [absolute(numerator), absolute(denominator)]
  const quotient = top / bottom
  const rounded = quotient + (roundsUp(quotient, (top % bottom) * 2n, bottom, rule) ? 1n : 0n)
  return negative ? -rounded : rounded
}

const roundsUp = (quotient: bigint, twiceRemainder: bigint, bottom: bigint, rule: RoundingRule): boolean => {
  switch (rule) {
    case 'down':
      return false
    case 'up':
      return twiceRemainder > 0n
    case 'half_up':
      return twiceRemainder >= bottom
    case 'half_even':
      return twiceRemainder > bottom || (twiceRemainder === bottom && quotient % 2n === 1n)
  }
}

/** Splits a total by weights so that the parts add up to it: largest remainder, ties to the earlier part. */
export const splitByWeights = (total: bigint, weights: readonly bigint[]): bigint[] => {
  const sum = weights.reduce((left, right) => left + right, 0n)
  const parts = weights.map((weight) => (total * weight) / sum)
  const left = total - parts.reduce((one, other) => one + other, 0n)
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((one, other) => Number(other.remainder - one.remainder) || one.index - other.index)
  for (const { index } of byRemainder.slice(0, Number(left))) parts[index] = (parts[index] ?? 0n) + 1n
  return parts
}

const absolute = (value: bigint): bigint => (value < 0n ? -value : value)
