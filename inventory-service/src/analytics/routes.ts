import { instantsOf } from '@countinghouse/shared/days'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, pageQuery, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { ratingOf } from '../products/domain/product.js'
import { findStocked } from '../products/stocked.js'
import { findSold, listProducts } from './store.js'

export type Deps = { db: Connection; currency: string; zone: string }

const AnalyticsView = z.object({
  ...{ product: z.string(), name: z.string(), vendor: z.string(), stock: z.number().int() },
  ...{ rating: z.number().nullable(), review_count: z.number().int() },
  ...{ orders: z.number().int(), units_sold: z.number().int(), revenue: WireAmount, currency: z.string() },
})

const example = {
  ...{ product: 'blue-mug', name: 'Blue mug', vendor: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12', stock: 38 },
  ...{ rating: 4.5, review_count: 2, orders: 1, units_sold: 2, revenue: 19.98, currency: 'USD' },
}

export const analyticsEndpoints = ({ db, currency, zone }: Deps) => [
  endpoint({
    method: 'get',
    path: '/products/analytics',
    summary: 'What your products have sold and brought, as an admin those of all vendors or of one',
    tag: 'Products',
    access: ['vendor', 'admin'],
    query: z.object({ ...pageQuery, vendor: z.string().max(128).optional(), from: Day.optional(), to: Day.optional() }),
    view: AnalyticsView,
    list: true,
    example: { view: [example] },
    handle: async ({ query: { vendor, from, to, ...at }, user }) => {
      const reads = readsOn(db)
      const page = await listProducts(reads, user.role === 'admin' ? vendor : user.userId, at)
      const slugs = page.items.map(({ _id }) => _id)
      const sold = await findSold(reads, { products: slugs, ...instantsOf({ from, to }, zone) })
      const stocked = await findStocked(
        reads,
        page.items.map(({ itemId }) => itemId),
      )
      return page.map((product) => {
        const { orders = 0, units = 0, revenueMinor = 0n } = sold.get(product._id) ?? {}
        return {
          ...{ product: product._id, name: product.name, vendor: product.vendorId },
          ...{ stock: stocked.get(product.itemId)?.available ?? 0, rating: ratingOf(product) },
          ...{ review_count: product.ratingCount, orders, units_sold: units },
          ...{ revenue: toWireAmount(revenueMinor, currency), currency },
        }
      })
    },
  }),
]
