import { addDays, daysBetween } from '@countinghouse/shared/calendar'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { groupBy } from '../reports/sums.js'
import { movedByDay, movedItems, type DayMoved } from '../trade/moved.js'

export const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => addDays(first, index))

/** What was asked for of an item day by day; null on a day on which there was nothing to sell. */
export type Demand = { itemId: string; first: string; values: (number | null)[] }

const ITEMS_AT_ONCE = 50

/** The demand for each item, or one, from its first arrival to the day before `today`; of a few items at once. */
export async function* demandsOf(
  reads: Reads,
  { tz, today, itemId }: { tz: string; today: string; itemId: string | undefined },
): AsyncGenerator<Demand> {
  const items = itemId === undefined ? await movedItems(reads) : [itemId]
  for (let at = 0; at < items.length; at += ITEMS_AT_ONCE) {
    const moved = await movedByDay(reads, items.slice(at, at + ITEMS_AT_ONCE), tz)
    for (const [item, days] of groupBy(moved, (one) => one.itemId)) yield toDemand(item, days, today)
  }
}

const toDemand = (itemId: string, moved: readonly DayMoved[], today: string): Demand => {
  const byDay = new Map(moved.map((one) => [one.day, one]))
  const first = moved[0]?.day ?? today
  let onHand = 0
  const values = daysFrom(first, daysBetween(first, today)).map((day) => {
    const { change = 0, used = 0 } = byDay.get(day) ?? {}
    const before = onHand
    onHand += change
    return used <= 0 && before <= 0 && onHand <= 0 ? null : used
  })
  return { itemId, first, values }
}
