import { createProduct } from '@countinghouse/inventory-service/products/domain/product'
import { trigramsOf } from '@countinghouse/inventory-service/products/domain/terms'
import { catalogueWords } from '@countinghouse/inventory-service/products/search/words'
import { products } from '@countinghouse/inventory-service/products/store'
import { stocks } from '@countinghouse/inventory-service/stock/store'
import { native } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'

const ADJECTIVES = ['Blue', 'Green', 'Red', 'Large', 'Small', 'Heavy', 'Light', 'Round', 'Square', 'Folding', 'Stackable', 'Enamelled', 'Wooden', 'Steel', 'Copper', 'Woven'] // prettier-ignore
const NOUNS = ['bottle', 'mug', 'plate', 'kettle', 'lantern', 'basket', 'chair', 'spade', 'bucket', 'hammer', 'ladder', 'notebook', 'pencil', 'cushion', 'blanket', 'teapot'] // prettier-ignore
const MAKERS = Array.from({ length: 200 }, (_, index) => `maker${(index * 7919).toString(36)}`)

export const searchWords = { known: NOUNS, mistyped: NOUNS.map((noun) => noun.slice(0, 2) + noun.slice(3)) }

const at = <Value>(values: readonly Value[], index: number): Value => values[index % values.length] as Value

const BATCH = 2_000

/** So many products as their makers would have offered them, each with an item in stock. */
export const createCatalogueRows = async (db: Connection, count: number): Promise<void> => {
  const now = new Date()
  for (let from = 0; from < count; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => from + index)
    const rows = indexes.map((index) => productOf(index, now))
    await native(db, products).insertMany(rows)
    await native(db, stocks).insertMany(rows.map(({ itemId, available }) => stockOf(itemId, available, now)))
  }
  const words = [...new Set([...ADJECTIVES, ...NOUNS, ...MAKERS].map((word) => word.toLowerCase()))]
  await native(db, catalogueWords).insertMany(words.map((word) => ({ _id: word, trigrams: trigramsOf(word) })))
}

const productOf = (index: number, now: Date) => {
  const name = `${at(ADJECTIVES, index)} ${at(NOUNS, Math.floor(index / 16))} ${at(MAKERS, index * 31)} ${index.toString()}`
  const origin = { _id: `bench-${index.toString()}`, vendorId: `vendor-${(index % 50).toString()}`, vendorName: null, itemId: `bench-item-${index.toString()}` } // prettier-ignore
  const fields = {
    name,
    description: 'Made to be looked for, found and measured',
    categoryId: ((index % 4) + 1).toString(),
  }
  const amounts = { priceMinor: BigInt(500 + ((index * 37) % 20_000)), discountPriceMinor: null }
  const product = createProduct({ ...origin, seller: 'vendor', ownsItem: true, claimId: null }, { ...fields, ...amounts }, new Date(now.getTime() - index * 1000)) // prettier-ignore
  return { ...product, available: index % 10 === 0 ? 0 : 100 }
}

const stockOf = (_id: string, onHand: number, updatedAt: Date) => ({
  ...{ _id, method: 'fifo' as const, lowBelow: null, isLow: false, moveCount: 0, version: 1, updatedAt },
  levels: [{ warehouseId: 'main', onHand, reserved: 0, incoming: 0, valueMinor: 0n }],
})
