import { createHash } from 'node:crypto'
import { askTogether, createCache } from '@countinghouse/shared/cache'
import { Page } from '@countinghouse/shared/http/page'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import { toWireAmount } from '@countinghouse/shared/money'
import type { ServiceKit } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'
import type { Category } from '../categories/domain.js'
import { findCategories, findCategory, generationOf } from '../categories/store.js'
import { getProduct } from './commands/change.js'
import type { Product } from './domain/product.js'
import type { Facets, ProductSearch, SearchOrder, Selection } from './search/port.js'
import { findStocked } from './stocked.js'
import { toUnstockedView, withStock, type UnstockedView } from './view.js'

export type Deps = { db: Connection; redis: ServiceKit['redis']; search: ProductSearch; currency: string }

/** By number or by slug, as callers name it. */
export type AskedSelection = Omit<Selection, 'categoryId'> & { category?: string | undefined }

export type ProductReader = ReturnType<typeof createProductReader>
type StockedView = ReturnType<typeof withStock>

const KEPT_FOR_SECONDS = 600

/**
 * Reads the catalogue through Redis, and is never older than the last commit: what is kept is named by the generation of
 * the catalogue, which each change moves on; and what lies in stock is asked of the stock each time.
 */
export const createProductReader = ({ db, redis, search, currency }: Deps) => {
  const cache = createCache({ redis, name: 'catalogue', database: db.name, ttlSeconds: KEPT_FOR_SECONDS })
  const reads = readsOn(db)
  const generation = askTogether(async (keys) => {
    const current = await generationOf(reads)
    return new Map(keys.map((key) => [key, current]))
  })
  const through = async <Value>(name: string, asked: unknown, load: () => Promise<Value>): Promise<Value> => {
    const current = (await generation('current')) ?? 0
    return JSON.parse(
      await cache.through(`${current}:${name}:${digest(asked)}`, async () => JSON.stringify(await load())),
    ) as Value
  }
  const show = (products: readonly Product[]) => toViews(reads, products, currency)
  const stocked = async (views: readonly UnstockedView[]): Promise<StockedView[]> => {
    const found = await findStocked(
      reads,
      views.map(({ item_id }) => item_id),
    )
    return views.map((view) => withStock(view, found.get(view.item_id)?.available ?? 0))
  }
  return {
    /** One product, as the shop shows it. */
    detail: async (slug: string): Promise<StockedView> => {
      const view = await through('product', slug, async () => (await show([await getProduct(reads, slug)]))[0])
      return (await stocked(view ? [view] : []))[0] as StockedView
    },
    list: async (asked: AskedSelection, order: SearchOrder): Promise<Page<StockedView>> => {
      const { views, total } = await through('list', [asked, order], async () => {
        const found = await search.find(await toSelection(reads, asked), order)
        return { views: await show(found.products), total: found.total }
      })
      return new Page(await stocked(views), total, order)
    },
    facets: (asked: AskedSelection) =>
      through('facets', asked, async () =>
        toFacetView(reads, await search.facets(await toSelection(reads, asked)), currency),
      ),
    /** A product as it is now, not from the cache. */
    detailOf: async (product: Product): Promise<StockedView> =>
      (await stocked(await show([product])))[0] as StockedView,
    /** A product as a request leaves it, for whatever lies in stock of it. */
    viewOf: async (product: Product): Promise<(available: number) => StockedView> => {
      const [view] = await show([product])
      if (!view) throw new Error('A product has a view')
      return (available) => withStock(view, available)
    },
  }
}

const digest = (asked: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(asked, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)))
    .digest('base64url')

const NO_CATEGORY = 'none'

const toSelection = async (reads: Reads, { category, ...selection }: AskedSelection): Promise<Selection> => ({
  ...selection,
  ...(category !== undefined && { categoryId: (await findCategory(reads, category))?._id ?? NO_CATEGORY }),
})

const categoriesOf = async (reads: Reads, ids: readonly string[]): Promise<ReadonlyMap<string, Category>> =>
  new Map((await findCategories(reads, [...new Set(ids)])).map((category) => [category._id, category]))

const toViews = async (reads: Reads, products: readonly Product[], currency: string): Promise<UnstockedView[]> => {
  const categories = await categoriesOf(
    reads,
    products.map(({ categoryId }) => categoryId),
  )
  return products.map((product) => toUnstockedView(product, categories, currency))
}

const toFacetView = async (reads: Reads, facets: Facets, currency: string) => {
  const categories = await categoriesOf(
    reads,
    facets.categories.map(({ categoryId }) => categoryId),
  )
  const wire = (amountMinor: bigint | null) => (amountMinor === null ? null : toWireAmount(amountMinor, currency))
  return {
    ...{ total: facets.total, in_stock: facets.inStock, currency },
    price: { min: wire(facets.minPriceMinor), max: wire(facets.maxPriceMinor) },
    categories: facets.categories.flatMap(({ categoryId, count }) => {
      const category = categories.get(categoryId)
      return category ? [{ id: category.number, slug: category.slug, name: category.name, count }] : []
    }),
    vendors: facets.vendors.map(({ vendorId, vendorName, count }) => ({ id: vendorId, name: vendorName, count })),
  }
}
