import { Page, rangeOf } from '@countinghouse/shared/http/page'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { orders } from '../orders/store.js'
import type { Product } from '../products/domain/product.js'
import { products } from '../products/store.js'

/** What a product has brought: what was taken back or returned is not counted. */
export type Sold = { product: string; orders: number; units: number; revenueMinor: bigint; costMinor: bigint }

export type SoldQuery = { products: readonly string[]; from?: Date | undefined; before?: Date | undefined }

/** Of all these products in one question. */
export const findSold = async (
  reads: Reads,
  { products: slugs, from, before }: SoldQuery,
): Promise<Map<string, Sold>> => {
  const paid = { ...(from && { $gte: from }), ...(before && { $lt: before }) }
  const kept = { $subtract: ['$lines.quantity', '$lines.returned'] }
  const net = { $subtract: ['$lines.subtotalMinor', '$lines.discountMinor'] }
  // Of a line of which some came back, what is kept of it; cut to whole minor units.
  const share = (amount: unknown): mongo.Document => ({
    $toLong: { $floor: { $divide: [{ $multiply: [{ $toDecimal: amount }, kept] }, '$lines.quantity'] } },
  })
  const rows = await reads.aggregate<{ _id: string; orders: number; units: number; revenue: bigint; cost: bigint }>(
    orders,
    [
      {
        $match: {
          'lines.product': { $in: [...slugs] },
          paidAt: Object.keys(paid).length > 0 ? paid : { $ne: null },
          status: { $ne: 'cancelled' },
        },
      },
      { $unwind: '$lines' },
      { $match: { 'lines.product': { $in: [...slugs] } } },
      {
        $group: {
          ...{ _id: '$lines.product', orders: { $sum: 1 }, units: { $sum: kept } },
          ...{ revenue: { $sum: share(net) }, cost: { $sum: share({ $ifNull: ['$lines.costMinor', 0] }) } },
        },
      },
    ],
  )
  return new Map(
    rows.map(({ _id, revenue, cost, ...counts }) => [
      _id,
      { product: _id, ...counts, revenueMinor: BigInt(revenue), costMinor: BigInt(cost) },
    ]),
  )
}

export const listProducts = async (
  reads: Reads,
  vendorId: string | undefined,
  at: { page: number; page_size: number },
): Promise<Page<Product>> => {
  const filter = { deletedAt: null, ...(vendorId !== undefined && { vendorId }) }
  const found = await reads.find(products, filter, { sort: { sortName: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(products, filter), at)
}
