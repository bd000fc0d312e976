import { shareOf } from '../reports/sums.js'
import type { Move } from './domain.js'

export const STOCK_AGES = ['days_0_30', 'days_31_60', 'days_61_90', 'days_over_90'] as const
export type StockAge = (typeof STOCK_AGES)[number]

/** How much of what lies there came in how long ago: what came first left first. */
export const agesOf = (onHand: number, moves: readonly Move[], today: string): Record<StockAge, number> => {
  const ages = { days_0_30: 0, days_31_60: 0, days_61_90: 0, days_over_90: 0 }
  const arrivals = moves
    .filter(({ quantity }) => quantity > 0)
    .toSorted((one, other) => other.at.getTime() - one.at.getTime())
  let left = onHand
  for (const { quantity, at } of arrivals) {
    if (left <= 0) break
    const days = Math.floor((Date.parse(today) + 86_400_000 - 1 - at.getTime()) / 86_400_000)
    ages[days <= 30 ? 'days_0_30' : days <= 60 ? 'days_31_60' : days <= 90 ? 'days_61_90' : 'days_over_90'] += Math.min(
      left,
      quantity,
    )
    left -= quantity
  }
  if (left > 0) ages.days_over_90 += left
  return ages
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
