import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

const SOURCE = 'inventory-service'

const Line = z.object({
  /** The slug of the product. */
  product: z.string(),
  name: z.string(),
  item_id: z.string(),
  vendor_id: z.string(),
  /** Whose sale it is: the house’s, or a vendor’s, of which the house keeps its commission. */
  seller: z.enum(['house', 'vendor']),
  quantity: z.number().int(),
  unit_price_minor: MinorUnits,
  discount_minor: MinorUnits,
  tax_minor: MinorUnits,
  total_minor: MinorUnits,
  /** Null until the goods have left the stock. */
  cost_minor: MinorUnits.nullable(),
})

const order = {
  order_number: z.string(),
  user_id: z.string(),
  username: z.string(),
  status: z.enum(['pending', 'processing', 'shipped', 'delivered', 'cancelled']),
  payment_method: z.enum(['wallet', 'card', 'cash_on_delivery']),
  payment_status: z.enum(['pending', 'paid', 'failed', 'refunded', 'partially_refunded']),
  lines: z.array(Line),
  subtotal_minor: MinorUnits,
  discount_minor: MinorUnits,
  tax_minor: MinorUnits,
  shipping_minor: MinorUnits,
  total_minor: MinorUnits,
  currency: z.string(),
  coupon: z.string().nullable(),
  placed_at: z.iso.datetime(),
  occurred_at: z.iso.datetime(),
}

const orderEvent = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  defineEvent(name, 1, SOURCE, z.object({ ...order, ...shape }))

/** Goods are kept for the order, until it is paid or off. */
export const orderPlaced = orderEvent('order.placed', {})

/** The money is there and the goods have left the stock; an order on delivery is paid when it is delivered. */
export const orderPaid = orderEvent('order.paid', {})

/** The goods of an order that is paid on delivery have left the stock. */
export const orderPrepared = orderEvent('order.prepared', {})

/** The order is off; `taken_back` when its goods had left the stock and are there again. */
export const orderCancelled = orderEvent('order.cancelled', {
  reason: z.enum(['customer', 'admin', 'not_paid', 'payment_refused', 'no_stock']),
  taken_back: z.boolean(),
})

export const orderShipped = orderEvent('order.shipped', {})
export const orderDelivered = orderEvent('order.delivered', {})

/** Goods came back: what of them, at which cost, and what the buyer gets for them. */
export const orderReturned = orderEvent('order.returned', {
  return_id: z.string(),
  goods: z.array(
    z.object({
      product: z.string(),
      item_id: z.string(),
      vendor_id: z.string(),
      seller: z.enum(['house', 'vendor']),
      quantity: z.number().int(),
      net_minor: MinorUnits,
      tax_minor: MinorUnits,
      cost_minor: MinorUnits,
    }),
  ),
  refund_minor: MinorUnits,
})

/** What its buyers say of a product is another: the sum and the number of all ratings that count now. */
export const productRated = defineEvent(
  'product.rated',
  1,
  SOURCE,
  z.object({
    product: z.string(),
    name: z.string(),
    item_id: z.string(),
    vendor_id: z.string(),
    seller: z.enum(['house', 'vendor']),
    rating_sum: z.number().int(),
    rating_count: z.number().int(),
    /** Grows with every change of what the shop offers. */
    version: z.number().int(),
    occurred_at: z.iso.datetime(),
  }),
)

/** Money went back to the buyer. */
export const orderRefunded = orderEvent('order.refunded', {
  refund_id: z.string(),
  refund_minor: MinorUnits,
  reason: z.string(),
})
