import { dayInMonth, partsOfDay, toDayNumber, type Day } from './days.js'

export type Flow = { on: Day; amountMinor: bigint }

/** Who gave what and when: the lender's advances, the borrower's payments. */
export type Flows = { advances: readonly Flow[]; payments: readonly Flow[] }

/** The usual interval between payments. */
export type UnitPeriod = { months: number } | { weeks: number } | { days: number }

/** Whole unit-periods and the fraction of one between two days, counted back from the later day. */
type Span = { whole: number; fraction: number }

/**
 * US annual percentage rate by the actuarial method of Regulation Z, Appendix J: the rate of a unit-period times their
 * number in a year. Percent, with two decimals; a rate is no money, so it is found in floating point.
 */
export const usApr = (flows: Flows, unit: UnitPeriod): string => {
  const start = startOf(flows)
  const value = presentValue(flows, (on) => {
    const { whole, fraction } = spanOf(start, toDayNumber(on), unit)
    return (rate) => 1 / ((1 + fraction * rate) * (1 + rate) ** whole)
  })
  return toPercent(rootOf(value) * periodsPerYear(unit))
}

/** EU annual percentage rate of charge by the consumer credit directive: the yearly effective rate. */
export const euApr = (flows: Flows, unit: UnitPeriod): string => {
  const start = startOf(flows)
  const value = presentValue(flows, (on) => {
    const years = yearsBetween(start, toDayNumber(on), unit)
    return (rate) => (1 + rate) ** -years
  })
  return toPercent(rootOf(value))
}

const startOf = ({ advances }: Flows): number => Math.min(...advances.map(({ on }) => toDayNumber(on)))

const monthsBack = (start: number, end: number): { months: number; days: number } => {
  const [from, to] = [partsOfDay(start), partsOfDay(end)]
  const gap = to.month - from.month
  const months = dayInMonth(to.month - gap, to.dayOfMonth) < start ? gap - 1 : gap
  return { months, days: (months === 0 ? end : dayInMonth(to.month - months, to.dayOfMonth)) - start }
}

const spanOf = (start: number, end: number, unit: UnitPeriod): Span => {
  if (!('months' in unit)) {
    const length = 'weeks' in unit ? unit.weeks * 7 : unit.days
    return { whole: Math.floor((end - start) / length), fraction: ((end - start) % length) / length }
  }
  // Beyond whole unit-periods a month counts 30 days.
  const { months, days } = monthsBack(start, end)
  const odd = (months % unit.months) * 30 + days
  return { whole: Math.floor(months / unit.months), fraction: odd / (30 * unit.months) }
}

const periodsPerYear = (unit: UnitPeriod): number => {
  if ('months' in unit) return 12 / unit.months
  return 'weeks' in unit ? 52 / unit.weeks : 365 / unit.days
}

const yearsBetween = (start: number, end: number, unit: UnitPeriod): number => {
  if ('days' in unit) return (end - start) / 365
  if ('weeks' in unit) return (end - start) / 364
  const { months, days } = monthsBack(start, end)
  return months / 12 + days / 365
}

type Discount = (rate: number) => number

/** What all flows are worth at the start at a rate, in shares of what was advanced: falls as the rate grows. */
const presentValue = ({ advances, payments }: Flows, discountOf: (on: Day) => Discount): ((rate: number) => number) => {
  const whole = advances.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  const weigh = (sign: number) => (flow: Flow) => ({
    weight: sign * shareOf(flow.amountMinor, whole),
    discount: discountOf(flow.on),
  })
  const weighed = [...advances.map(weigh(-1)), ...payments.map(weigh(1))]
  return (rate) => weighed.reduce((sum, { weight, discount }) => sum + weight * discount(rate), 0)
}

const SHARE = 10n ** 15n
const shareOf = (part: bigint, whole: bigint): number => Number((part * SHARE) / whole) / Number(SHARE)

const STEPS = 100

/** The rate at which a falling value is zero, by halving; 0 when the borrower pays back no more than was given. */
const rootOf = (value: (rate: number) => number): number => {
  if (value(0) <= 0) return 0
  let [low, high] = [0, 1]
  while (value(high) > 0 && high < 1e9) [low, high] = [high, high * 2]
  for (let step = 0; step < STEPS && low < high; step += 1) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (value(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const toPercent = (rate: number): string => {
  const hundredths = Math.round(rate * 10_000)
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`
}
