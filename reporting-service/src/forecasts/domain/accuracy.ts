import { isKnown, meanOf, sumOf, type Series } from './series.js'

/** How far off a forecast was, over periods whose values are known. */
export type Accuracy = {
  /** The mean distance, in the unit of the series. */
  meanError: number
  /** That distance by the one the seasonal naive method has within the past (Hyndman and Koehler 2006); null where it has none. */
  mase: number | null
  /** The distances together by the values together; null when these are 0. */
  wape: number | null
  /** What was expected too much (above 0) or too little, by the values together. */
  bias: number | null
}

/** The mean distance of the seasonal naive method within a series; null where it made no error or could not be tried. */
export const scaleOf = (series: Series, season: number): number | null => {
  const distances = series.flatMap((value, at) => {
    const before = series[at - season]
    return isKnown(value) && isKnown(before) ? [Math.abs(value - before)] : []
  })
  return meanOf(distances) || null
}

export const accuracyOf = (actual: Series, expected: (ahead: number) => number, scale: number | null): Accuracy => {
  const pairs = actual.flatMap((value, index) => (isKnown(value) ? [{ value, off: expected(index + 1) - value }] : []))
  const distances = pairs.map(({ off }) => Math.abs(off))
  const total = sumOf(pairs.map(({ value }) => Math.abs(value)))
  const meanError = meanOf(distances)
  return {
    meanError,
    mase: scale === null ? null : meanError / scale,
    wape: total === 0 ? null : sumOf(distances) / total,
    bias: total === 0 ? null : sumOf(pairs.map(({ off }) => off)) / total,
  }
}
