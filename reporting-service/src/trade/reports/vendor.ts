import { toWireAmount } from '@countinghouse/shared/money'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { count, money, text, type Report } from '../../reports/definition.js'
import { sumOf, toMinor, totalOf, type Decimal } from '../../reports/sums.js'
import { standing } from '../queries.js'
import type { Rating } from '../domain.js'
import { bills, levels, ratings } from '../store.js'

type Sum = {
  _id: string
  itemId: string
  name: string
  vendorId: string
  quantity: number
  net: Decimal
  orders: number
}

export const vendor: Report = {
  name: 'vendor',
  title: 'Products of a vendor',
  summary:
    'What was sold of each product in the shop, what is left of it, and its rating by all that buyers said so far; vendors see their own',
  access: ['vendor', 'viewer', 'staff', 'admin'],
  cached: true,
  perCaller: true,
  params: { vendor_id: z.string().min(1).max(128).optional() },
  figures: [
    count('products', 'Products'),
    count('units', 'Units sold'),
    money('revenue', 'Revenue without tax'),
    count('rating', 'Rating'),
    count('ratings', 'Ratings'),
  ],
  columns: [
    ...[
      text('product', 'Product'),
      text('name', 'Name'),
      text('vendor_id', 'Vendor'),
      text('item_id', 'Item'),
      count('orders', 'Orders'),
    ],
    ...[
      count('units', 'Sold'),
      count('returned', 'Came back'),
      money('revenue', 'Revenue'),
      count('stock', 'In stock'),
    ],
    ...[count('rating', 'Rating'), count('ratings', 'Ratings')],
  ],
  example: {
    figures: { products: 1, units: 3, revenue: 60, rating: 4.33, ratings: 3 },
    row: { product: 'steel-bottle', name: 'Steel bottle', vendor_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11', item_id: 'steel-bottle', orders: 2, units: 3, returned: 0, revenue: 60, stock: 17, rating: 4.33, ratings: 3 }, // prettier-ignore
  },
  compute: async (context) => {
    const { role, userId } = context.caller
    const vendorId = role === 'vendor' ? userId : context.params['vendor_id']
    const sums = (part: 'vendorLines' | 'vendorReturned') =>
      context.reads.aggregate<Sum>(bills, [
        { $match: standing('order', context) },
        { $unwind: `$${part}` },
        ...(vendorId === undefined ? [] : [{ $match: { [`${part}.vendorId`]: vendorId } }]),
        {
          $group: {
            ...{ _id: `$${part}.product`, itemId: { $last: `$${part}.itemId` }, name: { $last: `$${part}.itemName` } },
            ...{ vendorId: { $last: `$${part}.vendorId` }, quantity: { $sum: `$${part}.quantity` } },
            ...{ net: sumOf(`$${part}.netMinor`), orders: { $sum: 1 } },
          },
        },
        { $sort: { _id: 1 } },
      ])
    const [sold, returned] = [byProduct(await sums('vendorLines')), byProduct(await sums('vendorReturned'))]
    const rated = byProduct(await context.reads.find(ratings, { seller: 'vendor', ...(vendorId !== undefined && { vendorId }) })) // prettier-ignore
    const left = await availableOf(context.reads)
    const products = new Map<string, Sum | Rating>([...rated, ...sold])
    const rows = [...products].map(([product, { name, vendorId: vendor_id, itemId: item_id }]) => {
      const [out, back] = [sold.get(product), returned.get(product)]
      return {
        ...{ product, name, vendor_id, item_id, orders: out?.orders ?? 0 },
        ...{ units: Number(out?.quantity ?? 0), returned: Number(back?.quantity ?? 0) },
        revenue: (out ? toMinor(out.net) : 0n) - (back ? toMinor(back.net) : 0n),
        ...{ stock: left.get(item_id) ?? 0, ...ratingOf([rated.get(product)]) },
      }
    })
    const units = rows.reduce((sum, row) => sum + row.units - row.returned, 0)
    const revenue = totalOf(rows, (row) => row.revenue)
    const figures = { products: rows.length, units, revenue, ...ratingOf([...rated.values()]) }
    return { figures, rows: rows.sort((one, other) => Number(other.revenue - one.revenue)) }
  },
  chart: ({ rows }, { currency }) => {
    const best = rows.slice(0, 10)
    const values = best.map(({ revenue }) => toWireAmount(revenue as bigint, currency))
    const labels = best.map(({ product }) => String(product))
    return { title: 'Revenue by product', unit: currency, kind: 'bars', labels, series: [{ name: 'Revenue', values }] }
  },
}

const byProduct = <Row extends { _id: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row._id, row]))

const availableOf = async (reads: Reads): Promise<Map<string, number>> => {
  const rows = await reads.aggregate<{ _id: string; left: number }>(levels, [
    { $group: { _id: '$itemId', left: { $sum: { $subtract: ['$onHand', '$reserved'] } } } },
  ])
  return new Map(rows.map(({ _id, left }) => [_id, Number(left)]))
}

/** The mean of all ratings to two decimals, as the shop shows it, and their number; null without one. */
const ratingOf = (some: readonly (Rating | undefined)[]) => {
  const [sum, number] = (['sum', 'count'] as const).map((key) => some.reduce((total, one) => total + (one?.[key] ?? 0), 0)) as [number, number] // prettier-ignore
  return { rating: number === 0 ? null : Math.round((sum * 100) / number) / 100, ratings: number }
}
