import { scorePointsOf, type Means, type Terms } from './score.js'

export type Offer = { maxAmountMinor: bigint | null; minTermMonths: number | null }

export type OfferLimits = { passes: (points: bigint) => boolean; termMonthsMax: number }

/** What would pass where a request does not: the largest amount at its term, the shortest term for its amount. */
export const offerFor = (terms: Terms, means: Means, { passes, termMonthsMax }: OfferLimits): Offer => {
  const amountPasses = (amountMinor: bigint) => passes(scorePointsOf({ ...terms, amountMinor }, means))
  const termPasses = (months: bigint) => passes(scorePointsOf({ ...terms, termMonths: Number(months) }, means))
  const longest = BigInt(termMonthsMax)
  return {
    maxAmountMinor: amountPasses(1n) ? boundary(1n, terms.amountMinor, amountPasses) : null,
    minTermMonths: termPasses(longest) ? Number(boundary(longest, BigInt(terms.termMonths), termPasses)) : null,
  }
}

// The score never falls when the amount grows or the term shrinks, so halving the gap finds the exact edge.
const boundary = (passing: bigint, blocked: bigint, passes: (value: bigint) => boolean): bigint => {
  let [inside, outside] = [passing, blocked]
  for (;;) {
    const middle = (inside + outside) / 2n
    if (middle === inside || middle === outside) return inside
    if (passes(middle)) inside = middle
    else outside = middle
  }
}
