import { toPdf } from '@countinghouse/shared/documents/pdf'
import { formatAmount } from '@countinghouse/shared/money'
import type { Order } from './domain/order.js'

const columns = [
  { key: 'name', title: 'Product', kind: 'text' },
  { key: 'quantity', title: 'Quantity', kind: 'number' },
  { key: 'price', title: 'Price', kind: 'money' },
  { key: 'discount', title: 'Discount', kind: 'money' },
  { key: 'tax', title: 'Tax', kind: 'money' },
  { key: 'total', title: 'Total', kind: 'money' },
] as const

/** The bill of an order, as a PDF. */
export const toInvoice = (order: Order, zone: string): AsyncGenerator<Buffer> => {
  const { _id, shipping, currency, lines } = order
  const amount = (amountMinor: bigint) => `${formatAmount(amountMinor, currency)} ${currency}`
  const rows = lines.map(({ name, quantity, unitPriceMinor, discountMinor, taxMinor, totalMinor }) => ({
    ...{ name, quantity, price: unitPriceMinor, discount: discountMinor, tax: taxMinor, total: totalMinor },
  }))
  return toPdf({
    title: `Invoice ${_id}`,
    madeAt: order.placedAt,
    blocks: [
      {
        beside: [
          ['Deliver to', shipping.name, shipping.address, `${shipping.postalCode} ${shipping.city}`, shipping.country],
          ['Order', _id, order.placedAt.toISOString().slice(0, 10), `Payment: ${order.paymentStatus}`],
        ],
      },
      { table: { columns, rows, currency, zone } },
      {
        totals: [
          ['Goods', amount(order.subtotalMinor)],
          ['Discount', amount(-order.discountMinor)],
          ['Tax', amount(order.taxMinor)],
          ['Shipping', amount(order.shippingMinor)],
          ['Total', amount(order.totalMinor)],
        ],
      },
    ],
  })
}
