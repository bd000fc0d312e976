import { addDays } from '@countinghouse/shared/calendar'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { toMinor, type Decimal } from '../reports/sums.js'
import type { Arrivals } from './ageing.js'
import { levels, moves } from './store.js'

// The database reads the index of moves alone, and answers by item or day: memory grows with items, never with moves.
const INDEXED = { $sort: { itemId: 1, at: 1 } } as const
const IS_USED = { $in: ['$type', ['issue', 'consume']] }
const DAY_MS = 86_400_000

export type DayMoved = { itemId: string; day: string; change: number; used: number }

export const movedItems = async (reads: Reads): Promise<string[]> => {
  const rows = await reads.aggregate<{ _id: string }>(levels, [{ $group: { _id: '$itemId' } }, { $sort: { _id: 1 } }])
  return rows.map(({ _id }) => _id)
}

/** By how much the stock of some items changed on each day, and what of it was sold or used up. */
export const movedByDay = async (reads: Reads, items: readonly string[], tz: string): Promise<DayMoved[]> => {
  const rows = await reads.aggregate<DayRow>(moves, pipelineByDay(items, tz))
  return rows.map(({ _id, change, used }) => ({ ..._id, change: Number(change), used: Number(used) }))
}

type DayRow = { _id: { itemId: string; day: string }; change: number; used: number }

export const pipelineByDay = (items: readonly string[], tz: string) => [
  { $match: { itemId: { $in: [...items] } } },
  INDEXED,
  {
    $group: {
      _id: { itemId: '$itemId', day: { $dateToString: { date: '$at', format: '%Y-%m-%d', timezone: tz } } },
      change: { $sum: '$quantity' },
      used: { $sum: { $cond: [IS_USED, { $multiply: ['$quantity', -1] }, 0] } },
    },
  },
  { $sort: { '_id.itemId': 1, '_id.day': 1 } },
]

export type ItemMoved = { arrivals: Arrivals; usedMinor: bigint; lastAt: Date }

/** Of each item what came in how long before the end of `today`, what was used of it in a year, and when it moved last. */
export const movedByItem = async (reads: Reads, today: string): Promise<Map<string, ItemMoved>> => {
  const rows = await reads.aggregate<ItemRow>(moves, pipelineByItem(today))
  return new Map(
    rows.map(({ _id, used, lastAt, arrivals }) => {
      const [days_0_30 = 0, days_31_60 = 0, days_61_90 = 0] = arrivals.map(Number)
      return [_id, { arrivals: { days_0_30, days_31_60, days_61_90 }, usedMinor: toMinor(used), lastAt }]
    }),
  )
}

type ItemRow = { _id: string; used: Decimal; lastAt: Date; arrivals: number[] }

const ARRIVED = ['young', 'middle', 'old'] as const

export const pipelineByItem = (today: string) => {
  const end = Date.parse(today) + DAY_MS
  const daysBefore = (days: number) => new Date(end - days * DAY_MS)
  const cameIn = (from: Date, before?: Date) => {
    const isThen = [{ $gte: ['$at', from] }, ...(before ? [{ $lt: ['$at', before] }] : [])]
    return { $sum: { $cond: [{ $and: [{ $gt: ['$quantity', 0] }, ...isThen] }, '$quantity', 0] } }
  }
  const isUse = { $and: [{ $gte: ['$at', new Date(addDays(today, -365))] }, { $lt: ['$quantity', 0] }, IS_USED] }
  return [
    INDEXED,
    {
      $group: {
        ...{ _id: '$itemId', lastAt: { $max: '$at' } },
        ...{ young: cameIn(daysBefore(31)), middle: cameIn(daysBefore(61), daysBefore(31)) },
        old: cameIn(daysBefore(91), daysBefore(61)),
        used: { $sum: { $cond: [isUse, { $toDecimal: { $multiply: ['$valueMinor', -1] } }, 0] } },
      },
    },
    { $project: { lastAt: 1, used: 1, arrivals: ARRIVED.map((age) => `$${age}`) } },
  ]
}
