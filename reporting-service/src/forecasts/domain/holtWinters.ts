import { cheapest, isKnown, meanOf, sumOf, type Fitted, type Series } from './series.js'

export type SeasonKind = 'additive' | 'multiplicative'
export type Weights = { alpha: number; beta: number; gamma: number }
export type Start = { level: number; trend: number; seasonal: readonly number[] }

const ALPHAS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
const BETAS = [0, 0.01, 0.05, 0.1, 0.2]
const GAMMAS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9]
const WEIGHTS = ALPHAS.flatMap((alpha) =>
  BETAS.flatMap((beta) => GAMMAS.map((gamma): Weights => ({ alpha, beta, gamma }))),
)

/** Holt's and Winters' smoothing of level, trend and season; a period without a value moves along the trend. */
export const holtWinters = (series: Series, kind: SeasonKind, weights: Weights, start: Start): Fitted => {
  const errors = new Float64Array(series.length)
  const { level, trend, seasonal } = walk(numbersOf(series), kind, { weights, start, errors })
  const season = seasonal.length
  const [, together] = seasonOf(kind)
  return {
    parameters: { ...weights, level, trend },
    expected: (ahead) => together(level + ahead * trend, seasonal[(series.length + ahead - 1) % season] ?? 0),
    variance: (ahead) => varianceOf(ahead, season, weights),
    errors: [...errors].filter((error) => !Number.isNaN(error)),
  }
}

// What is unknown is not a number here: an array of nothing but numbers is many times as fast.
const numbersOf = (series: Series): Float64Array => new Float64Array(series.map((value) => value ?? NaN))

type Way = { weights: Weights; start: Start; errors: Float64Array; least?: number }

/**
 * Goes along a series to where level, trend and season stand in the end, writes down each error, and adds up the squares of
 * those after the first season; as they only grow, it ends early where they reach `least`.
 */
const walk = (numbers: Float64Array, kind: SeasonKind, { weights, start, errors, least = Infinity }: Way) => {
  const { alpha, beta, gamma } = weights
  const isAdditive = kind === 'additive'
  const seasonal = [...start.seasonal]
  const season = seasonal.length
  let { level, trend } = start
  let phase = 0
  let known = 0
  let squares = 0
  for (let at = 0; at < numbers.length && squares < least; at += 1) {
    const value = numbers[at] as number
    const swing = seasonal[phase] as number
    const before = level + trend
    const error = value - (isAdditive ? before + swing : before * swing)
    errors[at] = error
    if (Number.isNaN(value)) level = before
    else {
      known += 1
      if (known > season) squares += error * error
      const next = alpha * (isAdditive ? value - swing : value / swing) + (1 - alpha) * before
      trend = beta * (next - level) + (1 - beta) * trend
      level = next
      seasonal[phase] = gamma * (isAdditive ? value - level : value / level) + (1 - gamma) * swing
    }
    phase = phase + 1 === season ? 0 : phase + 1
  }
  return { level, trend, seasonal, squares }
}

const seasonOf = (kind: SeasonKind) =>
  kind === 'additive'
    ? ([(value: number, other: number) => value - other, (level: number, swing: number) => level + swing] as const)
    : ([(value: number, other: number) => value / other, (level: number, swing: number) => level * swing] as const)

// Hyndman and others (2008), table 6.1, of the additive model; the multiplicative has no closed form and takes it too.
const varianceOf = (ahead: number, season: number, { alpha, beta, gamma }: Weights): number =>
  1 +
  sumOf(
    Array.from({ length: ahead - 1 }, (_, index) => {
      const step = index + 1
      return (alpha * (1 + step * beta) + (step % season === 0 ? gamma * (1 - alpha) : 0)) ** 2
    }),
  )

/**
 * Level, trend and season of the first two seasons: a line through their moving averages, and what each period lies off it,
 * as R's `HoltWinters` begins.
 */
export const startOf = (series: Series, season: number, kind: SeasonKind): Start | undefined => {
  const first = series.slice(0, 2 * season)
  if (first.length < 2 * season || !first.every(isKnown)) return undefined
  const averages = movingAverages(first, season)
  const [without] = seasonOf(kind)
  const swings = first.map((value, at) => {
    const average = averages[at]
    return average === undefined ? undefined : without(value, average)
  })
  const figures = Array.from({ length: season }, (_, phase) =>
    meanOf([swings[phase], swings[phase + season]].filter((swing) => swing !== undefined)),
  )
  const seasonal = figures.map((figure) => without(figure, meanOf(figures)))
  return { ...lineThrough(averages.filter((average) => average !== undefined)), seasonal }
}

// Centred; of an even season the two at the ends count by half.
const movingAverages = (values: readonly number[], season: number): (number | undefined)[] => {
  const half = Math.floor(season / 2)
  return values.map((_, at) => {
    const window = values.slice(at - half, at + half + 1)
    if (at < half || window.length < 2 * half + 1) return undefined
    const ends = ((window[0] ?? 0) + (window.at(-1) ?? 0)) / 2
    return (season % 2 === 0 ? sumOf(window) - ends : sumOf(window)) / season
  })
}

const lineThrough = (values: readonly number[]): { level: number; trend: number } => {
  const middle = (values.length + 1) / 2
  const mean = meanOf(values)
  const spread = sumOf(values.map((_, index) => (index + 1 - middle) ** 2))
  const trend = spread === 0 ? 0 : sumOf(values.map((value, index) => (index + 1 - middle) * (value - mean))) / spread
  return { level: mean - trend * middle, trend }
}

/** With the weights that would have served best, additive; from the third season on, as the first two are its start. */
export const fitHoltWinters = (series: Series, season: number): Fitted | undefined => {
  const start = startOf(series, season, 'additive')
  if (!start || series.length < 3 * season) return undefined
  const numbers = numbersOf(series)
  const errors = new Float64Array(numbers.length)
  const best = cheapest(
    WEIGHTS,
    (weights, least) => walk(numbers, 'additive', { weights, start, errors, least }).squares,
  )
  return best && holtWinters(series, 'additive', best, start)
}
