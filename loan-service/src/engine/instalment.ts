import { divideRounded } from '@countinghouse/shared/money'
import { interestOn, periodInterest, periodWeight, type Grid, type Growth } from './grid.js'

// Binary digits behind the point: 38 decimals, of which 360 periods of growth use up three or four.
const BITS = 128n
const UNIT = 1n << BITS
// A tie is found by looking at 16 decimals of a minor unit, where the error of the fixed point can not reach.
const LOOK = 56n

export type Rounding = { smooth: boolean; multipleOfMinor: bigint }

/**
 * What is to be paid back from instalment `from` on. The weight is that of the whole period of this instalment, and
 * `settled` what has been paid of its interest already.
 */
export type Rest = { from: number; principal: bigint; weight: bigint; settled: bigint }

/** All of a grid, before anything is paid. */
export const wholeOf = (grid: Grid, principal: bigint): Rest => ({
  from: 0,
  principal,
  weight: periodWeight(grid, 0, principal),
  settled: 0n,
})

/** The equal instalment, or the equal part of principal, unrounded in 1/2⁵⁶ of a minor unit. */
const exactOf = (grid: Grid, { from, principal, weight, settled }: Rest): bigint => {
  const first = Math.max(from, grid.paysFrom)
  if (grid.method !== 'equal_instalment' || grid.rate.numerator === 0n) {
    return (principal << LOOK) / BigInt(grid.dues.length - first)
  }
  const { numerator, denominator } = grid.rate
  const { after, sum } = growthOf(grid)
  const opening =
    from === first
      ? (principal - settled) * denominator + weight * numerator
      : principal * denominator + periodWeight(grid, first, principal) * numerator
  return divideRounded((opening * (after[first] ?? UNIT)) << LOOK, (sum[first] ?? UNIT) * denominator, 'half_even')
}

/** Rounded HALF_EVEN to a minor unit or a multiple, then lowered as long as the last instalment would be nothing. */
export const solveInstalment = (grid: Grid, rest: Rest, { smooth, multipleOfMinor }: Rounding): bigint => {
  const nearest = divideRounded(exactOf(grid, rest), multipleOfMinor << LOOK, 'half_even') * multipleOfMinor
  let instalment = nearest
  while (instalment > 0n && endsEarly(grid, rest, instalment, multipleOfMinor)) instalment -= multipleOfMinor
  return smooth && multipleOfMinor === 1n ? smoothed(grid, rest, instalment) : instalment
}

const endsEarly = (grid: Grid, rest: Rest, instalment: bigint, step: bigint): boolean => {
  const first = Math.max(rest.from, grid.paysFrom)
  const count = BigInt(grid.dues.length - first)
  if (grid.method !== 'equal_instalment') return instalment * (count - 1n) >= rest.principal
  const growth = grid.rate.numerator === 0n ? count : ((growthOf(grid).sum[first] ?? 0n) >> BITS) + 1n
  // Rounding moves the last instalment by less than one step for each unit of growth.
  if (instalment > 2n * step * growth) return false
  return lastOf(grid, rest, instalment).principal <= 0n
}

/** What the last instalment is left with when all before it ask for the same. */
const lastOf = (grid: Grid, rest: Rest, instalment: bigint): { principal: bigint; interest: bigint } => {
  const last = grid.dues.length - 1
  const interestAt = (index: number, balance: bigint): bigint =>
    index === rest.from ? interestOn(grid, rest.weight) - rest.settled : periodInterest(grid, index, balance)
  let balance = rest.principal
  for (let index = Math.max(rest.from, grid.paysFrom); index < last; index += 1) {
    balance -= grid.method === 'equal_instalment' ? instalment - interestAt(index, balance) : instalment
  }
  return { principal: balance, interest: interestAt(last, balance) }
}

/** Spreads the gap of the last instalment over all, when it is more than half a minor unit each and that makes it less. */
const smoothed = (grid: Grid, rest: Rest, instalment: bigint): bigint => {
  if (grid.method !== 'equal_instalment') return instalment
  const count = BigInt(grid.dues.length - Math.max(rest.from, grid.paysFrom))
  const gapOf = (candidate: bigint): bigint => {
    const { principal, interest } = lastOf(grid, rest, candidate)
    return principal + interest - candidate
  }
  const gap = gapOf(instalment)
  if (absolute(gap) <= count / 2n) return instalment
  const candidate = instalment + divideRounded(gap, count, 'half_even')
  return absolute(gapOf(candidate)) < absolute(gap) ? candidate : instalment
}

const growthOf = (grid: Grid): Growth => {
  grid.growth ??= growing(grid)
  return grid.growth
}

const growing = (grid: Grid): Growth => {
  const count = grid.dues.length
  const after = new Array<bigint>(count).fill(UNIT)
  const sum = new Array<bigint>(count).fill(UNIT)
  let [distance, factor] = [0, UNIT]
  for (let index = count - 2; index >= 0; index -= 1) {
    const next = (grid.positions[index + 1] ?? 0) - (grid.positions[index] ?? 0)
    if (next !== distance) [distance, factor] = [next, factorOf(grid, next)]
    after[index] = ((after[index + 1] ?? UNIT) * factor) >> BITS
    sum[index] = (sum[index + 1] ?? UNIT) + (after[index] ?? UNIT)
  }
  return { after, sum }
}

const factorOf = ({ rate }: Grid, distance: number): bigint =>
  UNIT + ((BigInt(distance) * rate.numerator) << BITS) / rate.denominator

const absolute = (value: bigint): bigint => (value < 0n ? -value : value)
