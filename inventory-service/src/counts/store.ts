import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import { Overtaken } from '../overtaken.js'
import { stocks } from '../stock/store.js'
import { COUNT_STATUSES, type CountStatus, type StockCount } from './domain.js'

const line = new Schema(
  {
    itemId: { type: String, required: true },
    expected: Number,
    first: Number,
    second: Number,
    valueMinor: BigInt,
  },
  { _id: false },
)

export const stockCounts = defineCollection<StockCount>(
  'stock_counts',
  {
    warehouseId: { type: String, required: true },
    note: String,
    lines: { type: [line], required: true },
    status: { type: String, enum: COUNT_STATUSES, required: true },
    requestedBy: { type: String, required: true },
    countedBy: String,
    recountedBy: String,
    reviewedBy: String,
    postedBy: String,
    currency: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  { indexes: [{ fields: { createdAt: -1, _id: -1 } }, { fields: { status: 1, createdAt: -1, _id: -1 } }] },
)

export const findCount = (reads: Reads, id: string) => reads.findOne(stockCounts, { _id: id })

export const insertCount = (tx: Tx, count: StockCount): Promise<void> => tx.insert(stockCounts, count)

export const countUpdate = (before: StockCount, { _id, ...after }: StockCount): CompanionWrite => ({
  kind: 'update',
  into: stockCounts,
  filter: { _id, version: before.version },
  update: { $set: after },
  otherwise: () => new Overtaken(),
})

type Asked = { status?: CountStatus | undefined; page: number; page_size: number }

export const listCounts = async (reads: Reads, { status, ...at }: Asked): Promise<Page<StockCount>> => {
  const filter = status ? { status } : {}
  const found = await reads.find(stockCounts, filter, { sort: { createdAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(stockCounts, filter), at)
}

/** The items that a warehouse keeps or has kept. */
export const itemsIn = async (reads: Reads, warehouseId: string, limit: number): Promise<string[]> => {
  const found = await reads.find(stocks, { 'levels.warehouseId': warehouseId }, { sort: { _id: 1 }, limit })
  return found.map(({ _id }) => _id)
}
