import {
  add,
  compare,
  fraction,
  multiply,
  ONE,
  rounded,
  smaller,
  ZERO,
  type Fraction,
} from '@countinghouse/shared/fraction'
import { instalmentPerUnit } from './instalment.js'

export type Terms = { amountMinor: bigint; termMonths: number; annualRate: string }

/** What a borrower earns and spends in a year, when something is left of it. */
export type Means = { incomeMinor: bigint; expensesMinor: bigint }

export type PartCode =
  'INSTALMENT_TO_DISPOSABLE' | 'EXPENSES_TO_INCOME' | 'AMOUNT_TO_INCOME' | 'INSTALMENT_UNAFFORDABLE'

/** One part of a score: the ratio that it judges, and what the ratio adds. */
export type Part = { code: PartCode; ratio: Fraction; share: Fraction }

/** The parts of a score, exactly; together they are the unrounded score. */
export const partsOf = (terms: Terms, means: Means): Part[] => {
  const base = basePartsOf(terms, means)
  const baseSum = sumOf(base)
  const ratio = burdenOf(terms, means)
  const floor = floorOf(ratio)
  if (compare(floor, baseSum) <= 0) return base
  return [...base, { code: 'INSTALMENT_UNAFFORDABLE', ratio, share: difference(floor, baseSum) }]
}

/** The score in ten-thousandths, rounded half up: the number that is stored and compared. */
export const scorePointsOf = (terms: Terms, means: Means): bigint => {
  const [baseSum, floor] = [sumOf(basePartsOf(terms, means)), floorOf(burdenOf(terms, means))]
  return toPoints(compare(floor, baseSum) > 0 ? floor : baseSum)
}

export const toPoints = (exact: Fraction): bigint => rounded(exact, 10_000n, 'half_up')

const basePartsOf = ({ amountMinor, termMonths }: Terms, { incomeMinor, expensesMinor }: Means): Part[] => {
  const monthly = fraction(amountMinor * 12n, BigInt(termMonths) * (incomeMinor - expensesMinor))
  return [
    basePart('INSTALMENT_TO_DISPOSABLE', fraction(5n, 10n), monthly),
    basePart('EXPENSES_TO_INCOME', fraction(3n, 10n), fraction(expensesMinor, incomeMinor)),
    basePart('AMOUNT_TO_INCOME', fraction(2n, 10n), fraction(amountMinor, incomeMinor)),
  ]
}

const basePart = (code: PartCode, weight: Fraction, ratio: Fraction): Part => ({
  code,
  ratio,
  share: multiply(weight, smaller(ONE, ratio)),
})

const sumOf = (parts: readonly Part[]): Fraction => parts.reduce((sum, { share }) => add(sum, share), ZERO)

/** The real instalment as a share of what is left each month. */
const burdenOf = ({ amountMinor, termMonths, annualRate }: Terms, { incomeMinor, expensesMinor }: Means): Fraction => {
  const { numerator, denominator } = instalmentPerUnit(annualRate, termMonths)
  return { numerator: numerator * amountMinor * 12n, denominator: denominator * (incomeMinor - expensesMinor) }
}

/**
 * 0.75·(x − 0.4)/0.6 while the instalment x leaves something, 0.75 + 0.25·(x − 1) when it does not, within 0 and 1:
 * what can not be paid from what is left is never below the limit. Multiplied out, so that nothing has to be reduced.
 */
const floorOf = ({ numerator: x, denominator: one }: Fraction): Fraction => {
  if (5n * x <= 2n * one) return ZERO
  if (x <= one) return { numerator: 5n * x - 2n * one, denominator: 4n * one }
  if (x <= 2n * one) return { numerator: 2n * one + x, denominator: 4n * one }
  return ONE
}

// Not `subtract`, which would reduce a fraction of thousands of digits.
const difference = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.denominator - b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
})
