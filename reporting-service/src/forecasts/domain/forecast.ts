import { accuracyOf, scaleOf, type Accuracy } from './accuracy.js'
import { classOf, type DemandClass } from './demand.js'
import { fitHoltWinters } from './holtWinters.js'
import { fitIntermittent } from './intermittent.js'
import { cheapest, isKnown, knownOf, meanSquareOf, type Fitted, type Series } from './series.js'
import { fitSeasonalNaive, fitSmoothing } from './smoothing.js'

export const METHODS = ['seasonal_naive', 'exponential_smoothing', 'holt_winters', 'syntetos_boylan'] as const
export type Method = (typeof METHODS)[number]

export type ForecastPoint = { expected: number; lower: number; upper: number }

export type Forecast = {
  method: Method
  demand: DemandClass
  /** Why this method and no other. */
  why: string
  parameters: Readonly<Record<string, number>>
  /** On the days that were held out; null when there were too few to hold any out. */
  accuracy: Accuracy | null
  /** The same of the seasonal naive method, which the chosen one had to beat. */
  naiveAccuracy: Accuracy | null
  points: readonly ForecastPoint[]
}

export type Asked = {
  /** Periods in a season: 7 for days of the week. */
  season: number
  /** How many periods to look ahead. */
  horizon: number
  /** How many of the last periods the methods are tried on. */
  heldOut: number
  /** False where values may fall below zero, as a profit may. */
  nonNegative: boolean
}

const fits: Record<Method, (series: Series, season: number) => Fitted | undefined> = {
  seasonal_naive: fitSeasonalNaive,
  exponential_smoothing: fitSmoothing,
  holt_winters: fitHoltWinters,
  syntetos_boylan: fitIntermittent,
}

// Which methods suit which demand: Syntetos, Boylan and Croston (2005).
const candidates: Record<DemandClass, readonly Method[]> = {
  none: [],
  smooth: ['holt_winters', 'exponential_smoothing'],
  erratic: ['exponential_smoothing', 'holt_winters'],
  intermittent: ['syntetos_boylan'],
  lumpy: ['syntetos_boylan'],
}

// Of a normal distribution, 19 of 20 lie within.
const WIDTH = 1.96

/** Forecasts a series by the method that did best on its last, held out periods, if it beat the seasonal naive one. */
export const forecast = (series: Series, asked: Asked): Forecast => {
  const demand = asked.nonNegative ? classOf(series) : 'smooth'
  const trial = tryOut(series, demand, asked)
  const method = trial.chosen
  const fitted = fits[method](series, asked.season) ?? fitSeasonalNaive(series, asked.season)
  const { accuracy, naiveAccuracy, why } = trial
  return {
    method,
    demand,
    why,
    parameters: fitted.parameters,
    accuracy,
    naiveAccuracy,
    points: pointsOf(fitted, asked),
  }
}

type Trial = { chosen: Method; why: string; accuracy: Accuracy | null; naiveAccuracy: Accuracy | null }

const tryOut = (series: Series, demand: DemandClass, { season, heldOut }: Asked): Trial => {
  const before = series.slice(0, -heldOut)
  const after = series.slice(-heldOut)
  const naive = { chosen: 'seasonal_naive', accuracy: null, naiveAccuracy: null } as const
  if (demand === 'none') return { ...naive, why: 'Nothing was asked for so far' }
  if (knownOf(before).length < 2 * season || !after.some(isKnown))
    return { ...naive, why: `Fewer than ${2 * season} known periods before the last ${heldOut}: nothing to compare on` }
  const scale = scaleOf(before, season)
  const measured = (method: Method) => {
    const fitted = fits[method](before, season)
    return fitted && { method, accuracy: accuracyOf(after, fitted.expected, scale) }
  }
  const naiveAccuracy = accuracyOf(after, fitSeasonalNaive(before, season).expected, scale)
  const tried = candidates[demand].map(measured).filter((one) => one !== undefined)
  const best = cheapest(tried, ({ accuracy }) => accuracy.meanError)
  if (!best || best.accuracy.meanError >= naiveAccuracy.meanError)
    return { chosen: 'seasonal_naive', accuracy: naiveAccuracy, naiveAccuracy, why: noneBetter(tried.length, heldOut) }
  const why = `Of ${tried.length + 1} methods for ${demand} demand the one with the smallest error on the last ${heldOut} periods`
  return { chosen: best.method, accuracy: best.accuracy, naiveAccuracy, why }
}

const noneBetter = (tried: number, heldOut: number): string =>
  tried === 0
    ? 'Too few periods for another method'
    : `No other method had a smaller error on the last ${heldOut} periods`

const pointsOf = ({ expected, variance, errors }: Fitted, { horizon, nonNegative }: Asked): ForecastPoint[] => {
  const spread = Math.sqrt(meanSquareOf(errors))
  const floor = nonNegative ? 0 : -Infinity
  return Array.from({ length: horizon }, (_, index) => {
    const middle = Math.max(floor, expected(index + 1))
    const width = WIDTH * spread * Math.sqrt(variance(index + 1))
    return { expected: middle, lower: Math.max(floor, middle - width), upper: middle + width }
  })
}
