import { shareOf } from '../reports/sums.js'

export const STOCK_AGES = ['days_0_30', 'days_31_60', 'days_61_90', 'days_over_90'] as const
export type StockAge = (typeof STOCK_AGES)[number]

/** What came in up to 90 days ago, by age. */
export type Arrivals = Record<Exclude<StockAge, 'days_over_90'>, number>

/** How much of what lies there came in how long ago: what came first left first. */
export const agesOf = (onHand: number, arrivals: Arrivals): Record<StockAge, number> => {
  let left = Math.max(0, onHand)
  const taken = (came: number): number => {
    const part = Math.min(left, came)
    left -= part
    return part
  }
  const [days_0_30, days_31_60] = [taken(arrivals.days_0_30), taken(arrivals.days_31_60)]
  const days_61_90 = taken(arrivals.days_61_90)
  return { days_0_30, days_31_60, days_61_90, days_over_90: left }
}

/** The items that make up four fifths of what is used are A, the next up to 95 % B, the rest C. */
export const classesOf = (used: ReadonlyMap<string, bigint>): Map<string, 'A' | 'B' | 'C'> => {
  const inOrder = [...used].sort(([oneId, one], [otherId, other]) => Number(other - one) || (oneId < otherId ? -1 : 1))
  const total = inOrder.reduce((sum, [, value]) => sum + value, 0n)
  let before = 0n
  return new Map(
    inOrder.map(([itemId, value]) => {
      const reached = shareOf(before, total)
      before += value
      return [itemId, value <= 0n ? 'C' : reached < 0.8 ? 'A' : reached < 0.95 ? 'B' : 'C']
    }),
  )
}
