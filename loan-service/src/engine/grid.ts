import { fractionOf, type Fraction } from '@countinghouse/shared/fraction'
import { divideRounded } from '@countinghouse/shared/money'
import { dayInMonth, partsOfDay, toDayNumber } from './days.js'
import { yearClockOf, type YearClock } from './dayCount.js'
import type { Frequency, Grace, InterestMethod, Terms } from './terms.js'

const MONTHS: Partial<Record<Frequency, number>> = { monthly: 1, quarterly: 3 }
const DAYS: Partial<Record<Frequency, number>> = { weekly: 7, fortnightly: 14, four_weekly: 28 }

/** What one agreement lays over the calendar: when instalments fall due and what a period costs. */
export type Grid = {
  method: InterestMethod
  frequency: Frequency
  grace: Grace
  annualRate: string
  start: number
  clock: YearClock
  /** `numerator / denominator` a year and unit of the clock. */
  rate: Fraction
  /** Due days, and where the clock stands on them. */
  dues: readonly number[]
  positions: readonly number[]
  /** The first instalment that repays principal. */
  paysFrom: number
  /** Growth of one unit, filled at need. */
  growth?: Growth
}

/** In binary fixed point: the product of the growth factors after each period, and the sum of those from it on. */
export type Growth = { after: bigint[]; sum: bigint[] }

export type Agreement = Pick<
  Terms,
  'method' | 'dayCount' | 'frequency' | 'grace' | 'annualRate' | 'instalments' | 'firstDueDate'
>

export const gridOf = (terms: Agreement, start: number): Grid => {
  const { method, frequency, grace, annualRate, instalments } = terms
  const months = MONTHS[frequency]
  const { month, dayOfMonth } = partsOfDay(terms.firstDueDate === null ? start : toDayNumber(terms.firstDueDate))
  const first = terms.firstDueDate === null ? 1 : 0
  const base = terms.firstDueDate === null ? start : toDayNumber(terms.firstDueDate)
  const dueAt = (index: number): number =>
    months === undefined
      ? base + (first + index) * (DAYS[frequency] ?? 0)
      : dayInMonth(month + (first + index) * months, dayOfMonth)
  // Money that comes later than agreed moves the first instalment on by whole periods.
  let skipped = 0
  while (dueAt(skipped) <= start) skipped += 1
  const dues = Array.from({ length: instalments }, (_, index) => dueAt(index + skipped))
  const clock = yearClockOf(terms.dayCount, frequency, dayOfMonth)
  const { numerator, denominator } = fractionOf(annualRate)
  return {
    method,
    frequency,
    grace,
    annualRate,
    start,
    clock,
    rate: { numerator, denominator: denominator * 100n * clock.perYear },
    dues,
    positions: dues.map(clock.at),
    paysFrom: Math.min(Math.max(grace.principalPeriods, grace.moratoriumPeriods), instalments - 1),
  }
}

/** Where the clock stood when the period of an instalment began. */
const beginOf = (grid: Grid, index: number): number =>
  index === 0 ? grid.clock.at(grid.start) : (grid.positions[index - 1] ?? 0)

export const isMoratorium = ({ grace }: Grid, index: number): boolean => index < grace.moratoriumPeriods

export const isInterestFree = (grid: Grid, index: number): boolean =>
  isMoratorium(grid, index) && grid.grace.moratoriumInterest === 'waive'

/** Interest on principal that stood for so much of the clock: `weight` is the sum of principal times distance. */
export const interestOn = (grid: Grid, weight: bigint): bigint =>
  divideRounded(weight * grid.rate.numerator, grid.rate.denominator, 'half_even')

/** The weight of a balance that stands for one whole period. */
export const periodWeight = (grid: Grid, index: number, balance: bigint): bigint =>
  isInterestFree(grid, index) ? 0n : balance * BigInt((grid.positions[index] ?? 0) - beginOf(grid, index))

/** Interest of one whole period on a balance. */
export const periodInterest = (grid: Grid, index: number, balance: bigint): bigint =>
  interestOn(grid, periodWeight(grid, index, balance))
