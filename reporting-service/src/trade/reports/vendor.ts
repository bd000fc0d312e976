import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { count, money, text, type Report } from '../../reports/definition.js'
import { sumOf, toMinor, totalOf, type Decimal } from '../../reports/sums.js'
import { standing } from '../queries.js'
import { bills, levels } from '../store.js'

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
  summary: 'What was sold of each product in the shop, and what is left of it; vendors see their own',
  access: ['vendor', 'viewer', 'staff', 'admin'],
  cached: true,
  perCaller: true,
  params: { vendor_id: z.string().min(1).max(128).optional() },
  figures: [count('products', 'Products'), count('units', 'Units sold'), money('revenue', 'Revenue without tax')],
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
  ],
  example: {
    figures: { products: 1, units: 3, revenue: 60 },
    row: { product: 'steel-bottle', name: 'Steel bottle', vendor_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11', item_id: 'steel-bottle', orders: 2, units: 3, returned: 0, revenue: 60, stock: 17 }, // prettier-ignore
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
    const [sold, returned, lying] = [
      await sums('vendorLines'),
      await sums('vendorReturned'),
      await context.reads.find(levels, {}),
    ]
    const rows = sold.map((sum) => {
      const back = returned.find(({ _id }) => _id === sum._id)
      const places = lying.filter(({ itemId }) => itemId === sum.itemId)
      return {
        ...{ product: sum._id, name: sum.name, vendor_id: sum.vendorId, item_id: sum.itemId, orders: sum.orders },
        ...{ units: Number(sum.quantity), returned: Number(back?.quantity ?? 0) },
        revenue: toMinor(sum.net) - (back ? toMinor(back.net) : 0n),
        stock: places.reduce((total, { onHand, reserved }) => total + onHand - reserved, 0),
      }
    })
    const units = rows.reduce((sum, row) => sum + row.units - row.returned, 0)
    const figures = { products: rows.length, units, revenue: totalOf(rows, ({ revenue }) => revenue) }
    return { figures, rows: rows.sort((one, other) => Number(other.revenue - one.revenue)) }
  },
  chart: ({ rows }, { currency }) => {
    const best = rows.slice(0, 10)
    const values = best.map(({ revenue }) => toWireAmount(revenue as bigint, currency))
    const labels = best.map(({ product }) => String(product))
    return { title: 'Revenue by product', unit: currency, kind: 'bars', labels, series: [{ name: 'Revenue', values }] }
  },
}
