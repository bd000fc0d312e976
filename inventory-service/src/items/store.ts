import { rangeOf, Page } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { VALUATION_METHODS } from '../stock/domain/stock.js'
import { ITEM_GRADES, ITEM_TYPES, ITEM_UNITS, type Item } from './domain.js'

export const items = defineCollection<Item>(
  'items',
  {
    name: { type: String, required: true },
    type: { type: String, enum: ITEM_TYPES, required: true },
    size: String,
    grade: { type: String, enum: [...ITEM_GRADES, null] },
    unit: { type: String, enum: ITEM_UNITS, required: true },
    lowStockThreshold: Number,
    valuationMethod: { type: String, enum: VALUATION_METHODS, required: true },
    ownerId: String,
    reorderQuantity: Number,
    reorderMultiple: { type: Number, required: true },
    leadTimeDays: { type: Number, required: true },
    serviceLevel: { type: Number, required: true },
    supplierId: String,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { name: 1, _id: 1 } }, { fields: { type: 1, name: 1, _id: 1 } }] },
)

export const findItem = (reads: Reads, id: string) => reads.findOne(items, { _id: id })

/** The names of those of the items that are there. */
export const namesOfItems = async (reads: Reads, ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const found = await reads.find(items, { _id: { $in: [...ids] } })
  return new Map(found.map(({ _id, name }) => [_id, name]))
}

export const findItems = async (reads: Reads, ids: readonly string[]): Promise<Map<string, Item>> => {
  const found = await reads.find(items, { _id: { $in: [...ids] } })
  return new Map(found.map((item) => [item._id, item]))
}

export const insertItem = (tx: Tx, item: Item): Promise<boolean> => tx.insertIfAbsent(items, item)

export const saveItem = (tx: Tx, item: Item): Promise<void> => tx.replace(items, item)

export const removeItem = (tx: Tx, id: string): Promise<number> => tx.remove(items, { _id: id })

export const listItems = async (
  reads: Reads,
  { type, ...at }: { type?: Item['type'] | undefined; page: number; page_size: number },
): Promise<Page<Item>> => {
  const filter = type ? { type } : {}
  const found = await reads.find(items, filter, { sort: { name: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(items, filter), at)
}
