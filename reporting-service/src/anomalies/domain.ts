/** Something that is not as it usually is, and why it is thought so. */
export type Anomaly = {
  kind: 'unusual_value' | 'price_jump' | 'low_yield' | 'count_variance' | 'odd_hours'
  /** What it is about: an item, a document. */
  subject: string
  at: Date
  why: string
}

export type Observation = { at: Date; value: number }

// Iglewicz and Hoaglin (1993): the factor makes the score one of a normal distribution, 3.5 is where they draw the line.
const NORMAL = 0.6745
const MEAN_NORMAL = 1.253314
const BORDER = 3.5

export const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2
}

/**
 * How unusual each value is: its distance from the median by the median of the distances. Where more than half of them are
 * alike, by the mean of the distances; where all are alike, none is unusual.
 */
export const modifiedZ = (values: readonly number[]): number[] => {
  const median = medianOf(values)
  const distances = values.map((value) => Math.abs(value - median))
  const middle = medianOf(distances)
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / (values.length || 1)
  const unit = middle > 0 ? middle / NORMAL : MEAN_NORMAL * mean
  return values.map((value) => (unit === 0 ? 0 : (value - median) / unit))
}

const tenths = (value: number): string => (Math.round(value * 10) / 10).toString()

/** Values that differ unusually from the median of the same day of the season; of fewer than three seasons nothing is said. */
export const unusualValues = (subject: string, observations: readonly Observation[], season: number): Anomaly[] => {
  if (observations.length < 3 * season) return []
  const medians = Array.from({ length: season }, (_, phase) =>
    medianOf(observations.filter((_observation, index) => index % season === phase).map(({ value }) => value)),
  )
  const scores = modifiedZ(observations.map(({ value }, index) => value - (medians[index % season] ?? 0)))
  return observations.flatMap(({ at, value }, index) => {
    const score = scores[index] ?? 0
    if (Math.abs(score) <= BORDER) return []
    const usual = medians[index % season] ?? 0
    const why = `${value} where ${usual} is the median of such days: modified z ${tenths(score)}, beyond ${BORDER}`
    return [{ kind: 'unusual_value' as const, subject, at, why }]
  })
}

/** A price that differs from the one before of the same item by more than so many per cent. */
export const priceJump = (
  { itemId, at, priceMinor, beforeMinor }: { itemId: string; at: Date; priceMinor: bigint; beforeMinor: bigint },
  maxPercent: number,
): Anomaly | undefined => {
  if (beforeMinor === 0n) return undefined
  const change = ((priceMinor - beforeMinor) * 1000n) / beforeMinor
  const percent = Number(change) / 10
  if (Math.abs(percent) <= maxPercent) return undefined
  const why = `The price went ${percent > 0 ? 'up' : 'down'} by ${tenths(Math.abs(percent))} %, more than ${maxPercent} % at once`
  return { kind: 'price_jump', subject: itemId, at, why }
}

/** Production that gave less than the standard. */
export const lowYield = (
  { blowId, at, input, output }: { blowId: string; at: Date; input: number; output: number },
  standardPercent: number,
): Anomaly | undefined => {
  const percent = (output / input) * 100
  if (percent >= standardPercent) return undefined
  const why = `${output} good of ${input}: a yield of ${tenths(percent)} %, below the standard of ${standardPercent} %`
  return { kind: 'low_yield', subject: blowId, at, why }
}

/** A count that found another quantity than expected, by more than so many per cent. */
export const countVariance = (
  { itemId, at, expected, counted }: { itemId: string; at: Date; expected: number; counted: number },
  maxPercent: number,
): Anomaly | undefined => {
  const off = Math.abs(counted - expected)
  if (off * 100 <= expected * maxPercent) return undefined
  const why = `${counted} counted where ${expected} were expected, more than ${maxPercent} % off`
  return { kind: 'count_variance', subject: itemId, at, why }
}

/** A change made outside the hours of business: from `opens` to before `closes`, by the clock of the business. */
export const oddHours = (
  { document, actor, at, hour }: { document: string; actor: string; at: Date; hour: number },
  { opens, closes }: { opens: number; closes: number },
): Anomaly | undefined => {
  if (hour >= opens && hour < closes) return undefined
  const why = `${actor} changed it at ${hour.toString().padStart(2, '0')} o'clock, outside ${opens} to ${closes}`
  return { kind: 'odd_hours', subject: document, at, why }
}
