import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import type { Product } from '../domain/product.js'
import { wordsOf } from '../domain/terms.js'
import { products } from '../store.js'
import type { Facets, ProductSearch, SearchOrder, Selection } from './port.js'
import { alternativesOf } from './words.js'

type Filter = mongo.Filter<Product>
const NEWEST_FIRST = { createdAt: -1, _id: -1 } as const
const WORDS_MAX = 8

/** Finds products with nothing but MongoDB: by the beginnings of words, else by words that look like those typed. */
export const createMongoSearch = (db: Connection): ProductSearch => ({
  find: async (selection, order) => {
    const words = wordsOf(selection.search ?? '').slice(0, WORDS_MAX)
    const filter = await filterOf(db, selection, words)
    const [found, total] = await Promise.all([find(db, filter, words, order), readsOn(db).count(products, filter)])
    return { products: found, total }
  },
  facets: async (selection) => {
    const words = wordsOf(selection.search ?? '').slice(0, WORDS_MAX)
    const without = (...names: (keyof Selection)[]) => {
      const left = Object.entries(selection).filter(([name]) => !names.includes(name as keyof Selection))
      return filterOf(db, Object.fromEntries(left), words)
    }
    const [all, categories, vendors, prices, stock] = await Promise.all([
      without(),
      without('categoryId'),
      without('vendorId'),
      without('minPriceMinor', 'maxPriceMinor'),
      without('inStock'),
    ])
    return countFacets(db, { all, categories, vendors, prices, stock })
  },
})

const filterOf = async (db: Connection, selection: Selection, words: readonly string[]): Promise<Filter> => {
  const { categoryId, vendorId, minPriceMinor, maxPriceMinor, inStock } = selection
  const alternatives = await Promise.all(words.map((word) => alternativesOf(db, word)))
  const conditions = alternatives.map((terms) => ({ terms: { $in: terms } }))
  return {
    deletedAt: null,
    ...(categoryId !== undefined && { categoryId }),
    ...(vendorId !== undefined && { vendorId }),
    ...((minPriceMinor !== undefined || maxPriceMinor !== undefined) && {
      finalPriceMinor: {
        ...(minPriceMinor !== undefined && { $gte: minPriceMinor }),
        ...(maxPriceMinor !== undefined && { $lte: maxPriceMinor }),
      },
    }),
    ...(inStock !== undefined && { available: inStock ? { $gt: 0 } : { $lte: 0 } }),
    ...(conditions.length > 0 && { $and: conditions }),
  }
}

const find = (db: Connection, filter: Filter, words: readonly string[], order: SearchOrder): Promise<Product[]> => {
  const { sort, page, page_size: limit } = order
  const skip = (page - 1) * limit
  if (sort || words.length === 0) return readsOn(db).find(products, filter, { sort: sort ?? NEWEST_FIRST, skip, limit })
  return readsOn(db).aggregate<Product>(products, [
    { $match: filter },
    // A whole word in the name says more than the beginning of one, or a word of the description.
    { $set: { fit: { $size: { $setIntersection: ['$words', [...words]] } } } },
    { $sort: { fit: -1, sortName: 1, _id: 1 } },
    ...[{ $skip: skip }, { $limit: limit }, { $unset: 'fit' }],
  ])
}

type FacetFilters = Record<'all' | 'categories' | 'vendors' | 'prices' | 'stock', Filter>

const countFacets = async (db: Connection, filters: FacetFilters): Promise<Facets> => {
  const reads = readsOn(db)
  const group = <Row>(filter: Filter, ...stages: mongo.Document[]) =>
    reads.aggregate<Row>(products, [{ $match: filter }, ...stages])
  const [total, inStock, categories, vendors, [prices]] = await Promise.all([
    reads.count(products, filters.all),
    reads.count(products, { $and: [filters.stock, { available: { $gt: 0 } }] }),
    group<{ _id: string; count: number }>(filters.categories, ...countedBy('$categoryId')),
    group<{ _id: string; name: string | null; count: number }>(filters.vendors, ...countedBy('$vendorId')),
    group<{ min: bigint; max: bigint }>(filters.prices, {
      $group: { _id: null, min: { $min: '$finalPriceMinor' }, max: { $max: '$finalPriceMinor' } },
    }),
  ])
  return {
    ...{ total, inStock, minPriceMinor: prices?.min ?? null, maxPriceMinor: prices?.max ?? null },
    categories: categories.map(({ _id, count }) => ({ categoryId: _id, count })),
    vendors: vendors.map(({ _id, name, count }) => ({ vendorId: _id, vendorName: name, count })),
  }
}

const VALUES_MAX = 100

const countedBy = (field: string): mongo.Document[] => [
  { $group: { _id: field, name: { $last: '$vendorName' }, count: { $sum: 1 } } },
  { $sort: { count: -1, _id: 1 } },
  { $limit: VALUES_MAX },
]
