/** Values of even periods, oldest first; null where there is none, as on a day without stock, which is no day without demand. */
export type Series = readonly (number | null)[]

/** What a method made of a series. */
export type Fitted = {
  readonly parameters: Readonly<Record<string, number>>
  /** What is expected so many periods (from 1) after the last one. */
  readonly expected: (ahead: number) => number
  /** How many times the variance of the error one period ahead that of the error so many ahead is. */
  readonly variance: (ahead: number) => number
  /** What was known less what had been expected one period before. */
  readonly errors: readonly number[]
}

export const isKnown = (value: number | null | undefined): value is number => typeof value === 'number'

export const knownOf = (series: Series): number[] => series.filter(isKnown)

export const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

export const meanOf = (values: readonly number[]): number => (values.length === 0 ? 0 : sumOf(values) / values.length)

export const meanSquareOf = (values: readonly number[]): number => meanOf(values.map((value) => value ** 2))

/**
 * The one with the smallest cost, the first of equals: the same input gives the same answer for ever. A cost that is at least
 * the smallest so far need not be exact.
 */
export const cheapest = <T>(
  candidates: readonly T[],
  costOf: (candidate: T, least: number) => number,
): T | undefined => {
  let best: T | undefined
  let least = Infinity
  for (const candidate of candidates) {
    const cost = costOf(candidate, least)
    if (cost >= least) continue
    best = candidate
    least = cost
  }
  return best
}
