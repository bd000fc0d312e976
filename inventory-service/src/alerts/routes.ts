import { endpoint } from '@countinghouse/shared/http/endpoint'
import { pageQuery } from '@countinghouse/shared/http/fields'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import type { Item } from '../items/domain.js'
import { findItems } from '../items/store.js'
import { availableIn, incomingIn, type ItemStock } from '../stock/domain/stock.js'
import { StockItemId } from '../stock/fields.js'
import { stocks } from '../stock/store.js'

const AlertView = z.object({
  item_id: StockItemId,
  item_name: z.string(),
  unit: z.string(),
  quantity: z.number().meta({ description: 'What can still be promised' }),
  threshold: z.number(),
  shortage: z.number().meta({ description: 'How much is missing to the threshold' }),
  incoming: z.number(),
})

const alertExample = {
  ...{ item_id: 'bottle-500ml-a', item_name: 'Bottle 500ml Grade A', unit: 'pcs' },
  ...{ quantity: 120, threshold: 200, shortage: 80, incoming: 0 },
}

export const alertEndpoints = ({ db }: { db: Connection }) => [
  endpoint({
    ...{ method: 'get', path: '/alerts/low-stock', tag: 'Stock', access: ['staff', 'admin', 'viewer'] },
    summary: 'List the items of which there is less than their threshold',
    ...{ query: z.object(pageQuery), view: AlertView, list: true, example: { view: [alertExample] } },
    handle: async ({ query }) => {
      const filter = { isLow: true }
      const low = await readsOn(db).find(stocks, filter, { sort: { _id: 1 }, ...rangeOf(query) })
      const items = await findItems(
        readsOn(db),
        low.map(({ _id }) => _id),
      )
      return new Page(low, await readsOn(db).count(stocks, filter), query).map((stock) => toView(stock, items))
    },
  }),
]

const toView = (stock: ItemStock, items: ReadonlyMap<string, Item>): z.input<typeof AlertView> => {
  const [item, threshold, quantity] = [items.get(stock._id), stock.lowBelow ?? 0, availableIn(stock)]
  return {
    item_id: stock._id,
    item_name: item?.name ?? stock._id,
    unit: item?.unit ?? 'pcs',
    quantity,
    threshold,
    shortage: threshold - quantity,
    incoming: incomingIn(stock),
  }
}
