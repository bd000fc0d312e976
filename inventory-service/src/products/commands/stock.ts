import { askTogether } from '@countinghouse/shared/cache'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { changeCatalogue } from '../../categories/store.js'
import { refuse } from '../../errors.js'
import { MAIN_WAREHOUSE, type StockLine } from '../../stock/domain/stock.js'
import type { Product } from '../domain/product.js'
import { findStocked, type Stocked } from '../stocked.js'
import { findSelling, noteAvailable, products } from '../store.js'
import type { Deps } from './deps.js'

/** Lets filters and what is cached follow the stock of these items, in one change of the catalogue. */
export const noteStocked = async ({ db }: Pick<Deps, 'db'>, seen: readonly Stocked[]): Promise<void> => {
  const byItem = new Map(seen.map((stocked) => [stocked.itemId, stocked]))
  const selling = await findSelling(readsOn(db), [...byItem.keys()])
  const news = selling.flatMap((product) => {
    const stocked = byItem.get(product.itemId)
    // Only whether there is any decides where a product is shown; how many there are is asked of the stock.
    return stocked && product.available > 0 !== stocked.available > 0 ? [{ product, stocked }] : []
  })
  if (news.length === 0) return
  await inTransaction(db, async (tx) => {
    await changeCatalogue(tx)
    for (const { product, stocked } of news) await noteAvailable(tx, product, stocked)
  })
}

/** The same with what the stock says now. */
export const followStock = async ({ db }: Pick<Deps, 'db'>, itemIds: readonly string[]) => {
  const found = await findStocked(readsOn(db), itemIds)
  await noteStocked({ db }, [...found.values()])
  return found
}

/**
 * Follows the stock for all who ask at the same time together: when many products run out at once, the catalogue changes
 * a few times, and nobody waits for the row that all its changes go over.
 */
export const createFollower = ({ db }: Pick<Deps, 'db'>) => {
  const follow = askTogether((itemIds) => followStock({ db }, itemIds))
  return {
    follow: async (itemIds: readonly string[]): Promise<void> => {
      await Promise.all(itemIds.map(follow))
    },
  }
}

export type Follower = ReturnType<typeof createFollower>

class ProductMoved extends Error {}

const TRIES_MAX = 5

/** Sets what can be sold of a product whose item is its own, by an adjustment of the difference. */
export const setStock = async (
  deps: Deps,
  product: Product,
  { wanted, actor }: { wanted: number; actor: string },
): Promise<Product> => {
  if (!product.ownsItem) throw refuse('stock_of_shared_item', { item_id: product.itemId })
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const current = await readsOn(deps.db).findOne(products, { _id: product._id })
    if (!current) throw refuse('product_not_found', { slug: product._id })
    try {
      await adjust(deps, current, wanted, actor)
      await followStock(deps, [product.itemId])
      return { ...current, version: current.version + 1 }
    } catch (error) {
      if (!(error instanceof ProductMoved)) throw error
    }
  }
  throw refuseCommon('version_conflict')
}

const adjust = async (
  { db, stock, now }: Deps,
  { _id, version, itemId }: Product,
  wanted: number,
  actor: string,
): Promise<void> => {
  const before = (await findStocked(readsOn(db), [itemId])).get(itemId)?.available ?? 0
  const spot = { itemId, warehouseId: MAIN_WAREHOUSE, type: 'adjustment' as const }
  const change = wanted - before
  const line: StockLine =
    change > 0
      ? { kind: 'receive', ...spot, quantity: change, valueMinor: 0n }
      : { kind: 'issue', ...spot, quantity: -change }
  const step: CompanionWrite = {
    ...{ kind: 'update', into: products, filter: { _id, version }, otherwise: () => new ProductMoved() },
    update: { $inc: { version: 1 } },
  }
  await stock.submit({
    ...{ cause: { kind: 'product', id: _id, step: `stock:${uuidv7()}` }, actor, effectiveAt: now() },
    lines: change === 0 ? [] : [line],
    companions: () => [step],
  })
}
