import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import {
  CANCEL_REASONS,
  ORDER_PAYMENT_METHODS,
  ORDER_PAYMENT_STATUSES,
  ORDER_STATUSES,
  RETURN_STATUSES,
  type Order,
  type OrderLine,
} from './domain/order.js'

const ShippingView = z.object({
  ...{ name: z.string(), address: z.string(), city: z.string(), postal_code: z.string(), country: z.string() },
  phone: z.string().nullable(),
})

const LineView = z.object({
  ...{ product: z.string(), name: z.string(), vendor: Id, quantity: z.number().int(), price: WireAmount },
  ...{ subtotal: WireAmount, discount: WireAmount, tax: WireAmount, total: WireAmount, returned: z.number().int() },
})

const ReturnView = z.object({
  ...{ id: Id, status: z.enum(RETURN_STATUSES), reason: z.string(), refund: WireAmount },
  items: z.array(z.object({ product: z.string(), quantity: z.number().int() })),
  ...{ requested_at: Timestamp, decided_at: Timestamp.nullable() },
})

export const OrderView = z.object({
  ...{ id: Id, order_number: z.string(), user_id: Id, status: z.enum(ORDER_STATUSES) },
  ...{ payment_method: z.enum(ORDER_PAYMENT_METHODS), payment_status: z.enum(ORDER_PAYMENT_STATUSES) },
  items: z.array(LineView),
  ...{ subtotal: WireAmount, discount: WireAmount, tax: WireAmount, shipping_fee: WireAmount, total: WireAmount },
  ...{ currency: z.string(), coupon: z.string().nullable(), shipping: ShippingView },
  payment: z
    .object({
      ...{ intent_id: Id.nullable(), client_secret: z.string().nullable(), pay_by: Timestamp.nullable() },
      failure: z.string().nullable(),
    })
    .nullable()
    .meta({ description: 'How to pay: confirm the intent by `pay_by`; null for an order that is paid on delivery' }),
  cancel_reason: z.enum(CANCEL_REASONS).nullable(),
  refunds: z.array(
    z.object({ id: Id, amount: WireAmount, reason: z.string(), status: z.enum(['due', 'done', 'failed']) }),
  ),
  returns: z.array(ReturnView),
  history: z.array(z.object({ status: z.enum(ORDER_STATUSES), at: Timestamp, note: z.string().nullable() })),
  ...{ placed_at: Timestamp, paid_at: Timestamp.nullable(), shipped_at: Timestamp.nullable() },
  ...{ delivered_at: Timestamp.nullable(), version: z.number() },
})

export const toOrderView = (order: Order): z.input<typeof OrderView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, order.currency)
  const { shipping, method } = order
  return {
    ...{ id: order._id, order_number: order._id, user_id: order.userId, status: order.status },
    ...{ payment_method: method, payment_status: order.paymentStatus, items: order.lines.map(toLineView(wire)) },
    ...{ subtotal: wire(order.subtotalMinor), discount: wire(order.discountMinor), tax: wire(order.taxMinor) },
    ...{ shipping_fee: wire(order.shippingMinor), total: wire(order.totalMinor), currency: order.currency },
    coupon: order.couponCode,
    shipping: {
      ...{ name: shipping.name, address: shipping.address, city: shipping.city, postal_code: shipping.postalCode },
      ...{ country: shipping.country, phone: shipping.phone },
    },
    payment: method === 'cash_on_delivery' ? null : paymentOf(order),
    cancel_reason: order.cancelReason,
    refunds: order.refunds.map(({ id, amountMinor, reason, status }) => ({
      id,
      amount: wire(amountMinor),
      reason,
      status,
    })),
    returns: order.returns.map(({ id, status, reason, refundMinor, lines, requestedAt, decidedAt }) => ({
      ...{ id, status, reason, refund: wire(refundMinor), items: lines },
      ...{ requested_at: requestedAt.toISOString(), decided_at: instant(decidedAt) },
    })),
    history: order.history.map(({ status, at, note }) => ({ status, at: at.toISOString(), note })),
    ...{
      placed_at: order.placedAt.toISOString(),
      paid_at: instant(order.paidAt),
      shipped_at: instant(order.shippedAt),
    },
    ...{ delivered_at: instant(order.deliveredAt), version: order.version },
  }
}

const instant = (at: Date | null): string | null => at?.toISOString() ?? null

const paymentOf = ({ paymentId, clientSecret, payBy, failure }: Order) => ({
  ...{ intent_id: paymentId, client_secret: clientSecret, pay_by: instant(payBy), failure: failure?.message ?? null },
})

const toLineView =
  (wire: (amountMinor: bigint) => number) =>
  (line: OrderLine): z.input<typeof LineView> => ({
    ...{ product: line.product, name: line.name, vendor: line.vendorId, quantity: line.quantity },
    ...{ price: wire(line.unitPriceMinor), subtotal: wire(line.subtotalMinor), discount: wire(line.discountMinor) },
    ...{ tax: wire(line.taxMinor), total: wire(line.totalMinor), returned: line.returned },
  })
