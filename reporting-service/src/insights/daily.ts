import { addDays, daysBetween } from '@countinghouse/shared/calendar'
import { toClock } from '@countinghouse/shared/days'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { groupBy } from '../reports/sums.js'
import type { Move } from '../trade/domain.js'
import { moves } from '../trade/store.js'

export const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: Math.max(0, count) }, (_, index) => addDays(first, index))

/** What was asked for of an item day by day; null on a day on which there was nothing to sell. */
export type Demand = { itemId: string; first: string; values: (number | null)[] }

/** The demand for each item, or one, from its first arrival to the day before `today`. */
export const demandOf = async (
  reads: Reads,
  { tz, today, itemId }: { tz: string; today: string; itemId: string | undefined },
): Promise<Demand[]> => {
  const found = await reads.find(moves, itemId === undefined ? {} : { itemId }, { sort: { at: 1, _id: 1 } })
  const clock = toClock(tz)
  return [...groupBy(found, (move) => move.itemId)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([item, made]) => toDemand(item, made, { dayOf: (at) => clock(at).slice(0, 10), today }))
}

const toDemand = (
  itemId: string,
  made: readonly Move[],
  { dayOf, today }: { dayOf: (at: Date) => string; today: string },
): Demand => {
  const byDay = groupBy(made, ({ at }) => dayOf(at))
  const first = made[0] ? dayOf(made[0].at) : today
  let onHand = 0
  const values = daysFrom(first, daysBetween(first, today)).map((day) => {
    const moved = byDay.get(day) ?? []
    const sold = -moved
      .filter(({ type }) => type === 'issue' || type === 'consume')
      .reduce((sum, { quantity }) => sum + quantity, 0)
    const before = onHand
    onHand += moved.reduce((sum, { quantity }) => sum + quantity, 0)
    return sold <= 0 && before <= 0 && onHand <= 0 ? null : sold
  })
  return { itemId, first, values }
}
