import { endpoint } from '@countinghouse/shared/http/endpoint'
import { feedQuery, pageQuery } from '@countinghouse/shared/http/fields'
import { Feed, type Page } from '@countinghouse/shared/http/page'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { getItem } from '../items/commands.js'
import { ITEM_TYPES, type Item } from '../items/domain.js'
import { listItems } from '../items/store.js'
import { StockItemId, warehouseQuery } from '../stock/fields.js'
import { findStocks, listMoves, overdueIn } from '../stock/reading.js'
import { MoveView, StockView, moveExample, stockExample, toMoveView, toStockView } from './view.js'

export type Deps = { db: Connection; now: () => Date; currency: string }

const tag = 'Stock'
const reader = ['staff', 'admin', 'viewer'] as const
const params = z.object({ item_id: StockItemId })

export const stockEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/stocks', summary: 'List the stock of all items, by name', tag, access: reader },
    query: z.object({ ...pageQuery, ...warehouseQuery, type: z.enum(ITEM_TYPES).optional() }),
    ...{ view: StockView, list: true, conditional: true, example: { view: [stockExample] } },
    handle: async ({ query: { warehouse_id, ...query } }) => {
      const page: Page<Item> = await listItems(readsOn(deps.db), query)
      const show = await shower(
        deps,
        page.items.map(({ _id }) => _id),
        warehouse_id,
      )
      return page.map(show)
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/stocks/:item_id', summary: 'Read the stock of an item', tag, access: reader },
    ...{ params, query: z.object(warehouseQuery), view: StockView, conditional: true, refusals: ['item_not_found'] },
    example: { view: stockExample },
    handle: async ({ params: { item_id }, query: { warehouse_id } }) => {
      const show = await shower(deps, [item_id], warehouse_id)
      return show(await getItem(readsTogether(deps.db), item_id))
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/stocks/:item_id/history', tag, access: reader, params },
    summary: 'Read the moves of an item, the newest first',
    query: z.object({ ...feedQuery, ...warehouseQuery }),
    ...{ view: MoveView, list: true, refusals: ['item_not_found'], example: { view: [moveExample] } },
    handle: async ({ params: { item_id }, query: { cursor, page_size, warehouse_id } }) => {
      const reads = readsOn(deps.db)
      await getItem(reads, item_id)
      const asked = { itemId: item_id, warehouseId: warehouse_id, before: placeOf(cursor), limit: page_size + 1 }
      const found = await listMoves(reads, asked)
      return Feed.of(found, page_size, ({ seq }) => seq.toString()).map((move) => toMoveView(move, deps.currency))
    },
  }),
]

/** Shows the items named, with their stock read at once. */
const shower = async ({ db, now, currency }: Deps, itemIds: readonly string[], warehouseId: string | undefined) => {
  const reads = readsTogether(db)
  const [found, overdue] = await Promise.all([findStocks(reads, itemIds), overdueIn(reads, itemIds, now())])
  return (item: Item) => {
    const stock = found.get(item._id)
    if (!stock) throw refuse('item_not_found', { item_id: item._id })
    return toStockView({ item, stock, overdue, currency, warehouseId })
  }
}

const placeOf = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined
  if (!/^\d{1,15}$/.test(cursor)) throw invalidAt(['query', 'cursor'], 'is not a cursor of this feed')
  return Number(cursor)
}
