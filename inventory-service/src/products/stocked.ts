import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { availableIn, type ItemStock } from '../stock/domain/stock.js'
import { stocks } from '../stock/store.js'

/** How many of an item can be promised now, and at which version of its stock. */
export type Stocked = { itemId: string; available: number; stockVersion: number }

export const toStocked = (stock: ItemStock): Stocked => ({
  itemId: stock._id,
  available: availableIn(stock),
  stockVersion: stock.version,
})

/** For all these items in one question. */
export const findStocked = async (reads: Reads, itemIds: readonly string[]): Promise<ReadonlyMap<string, Stocked>> => {
  const found = await reads.find(stocks, { _id: { $in: [...new Set(itemIds)] } })
  return new Map(found.map((stock) => [stock._id, toStocked(stock)]))
}
