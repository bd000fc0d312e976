import { cheapest, isKnown, knownOf, meanOf, type Fitted, type Series } from './series.js'

const GRID = Array.from({ length: 19 }, (_, index) => (index + 1) / 20)

/** Simple exponential smoothing (Brown) from a level to begin with; a period without a value leaves the level. */
export const smooth = (series: Series, alpha: number, start: number): Fitted => {
  let level = start
  const errors: number[] = []
  for (const value of series) {
    if (!isKnown(value)) continue
    errors.push(value - level)
    level += alpha * (value - level)
  }
  const last = level
  return {
    parameters: { alpha, level: last },
    expected: () => last,
    variance: (ahead) => 1 + (ahead - 1) * alpha ** 2,
    errors,
  }
}

/** The same with the weight that would have served best, beginning with the mean of the first season. */
export const fitSmoothing = (series: Series, season: number): Fitted | undefined => {
  const known = knownOf(series)
  if (known.length < 3) return undefined
  const start = meanOf(known.slice(0, season))
  const alpha = cheapest(GRID, (candidate) => squaredErrors(known, candidate, start))
  return alpha === undefined ? undefined : smooth(series, alpha, start)
}

const squaredErrors = (known: readonly number[], alpha: number, start: number): number => {
  let level = start
  let squares = 0
  for (const value of known) {
    const error = value - level
    squares += error * error
    level += alpha * error
  }
  return squares
}

/** The value of the same day of the season before; what every other method has to beat. */
export const fitSeasonalNaive = (series: Series, season: number): Fitted => {
  const errors = series.flatMap((value, at) => {
    const before = series[at - season]
    return isKnown(value) && isKnown(before) ? [value - before] : []
  })
  const fallback = meanOf(knownOf(series))
  const lastAt = (phase: number): number => {
    for (let at = series.length - season + phase; at >= 0; at -= season) {
      const value = series[at]
      if (isKnown(value)) return value
    }
    return fallback
  }
  return {
    parameters: { season },
    expected: (ahead) => lastAt((ahead - 1) % season),
    variance: (ahead) => Math.floor((ahead - 1) / season) + 1,
    errors,
  }
}
