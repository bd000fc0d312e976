import { isKnown, type Fitted, type Series } from './series.js'

// What Syntetos and Boylan recommend is 0.05 to 0.2.
const ALPHA = 0.1

/**
 * The method of Croston with the correction of Syntetos and Boylan (2005), for demand with many empty periods: the size of a
 * demand and the gap between two are smoothed apart, and their ratio is lowered by half the weight.
 */
export const fitIntermittent = (series: Series, _season?: number, alpha: number = ALPHA): Fitted | undefined => {
  let [size, gap, since] = [0, 0, 0]
  const errors: number[] = []
  const expected = () => (gap === 0 ? 0 : ((1 - alpha / 2) * size) / gap)
  for (const value of series) {
    if (!isKnown(value)) continue
    since += 1
    if (gap > 0) errors.push(value - expected())
    if (value <= 0) continue
    const isFirst = gap === 0
    size = isFirst ? value : size + alpha * (value - size)
    gap = isFirst ? since : gap + alpha * (since - gap)
    since = 0
  }
  if (gap === 0) return undefined
  const rate = expected()
  return { parameters: { alpha, size, gap }, expected: () => rate, variance: () => 1, errors }
}
