import type { Totals } from '../../carts/domain/totals.js'

export const ORDER_STATUSES = ['pending', 'processing', 'shipped', 'delivered', 'cancelled'] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]
export const ORDER_PAYMENT_METHODS = ['wallet', 'card', 'cash_on_delivery'] as const
export type OrderPaymentMethod = (typeof ORDER_PAYMENT_METHODS)[number]
export const ORDER_PAYMENT_STATUSES = ['pending', 'paid', 'failed', 'refunded', 'partially_refunded'] as const
export const CANCEL_REASONS = ['customer', 'admin', 'not_paid', 'payment_refused', 'no_stock'] as const
export type CancelReason = (typeof CANCEL_REASONS)[number]

/**
 * How far the check-out is. Goods are `reserved`; the payment is open (`paying`); or the order is off and its payment
 * has to be undone (`voiding`). Each has a time by which somebody looks again; `settled` waits for nothing.
 */
export const CHECKOUT_STEPS = ['reserved', 'paying', 'voiding', 'settled'] as const

/** What was ordered, as it was then: later changes of the product alter nothing of it. */
export type OrderLine = {
  product: string
  name: string
  itemId: string
  vendorId: string
  seller: 'house' | 'vendor'
  quantity: number
  unitPriceMinor: bigint
  subtotalMinor: bigint
  discountMinor: bigint
  taxMinor: bigint
  totalMinor: bigint
  /** What the goods cost when they left the stock; null before that. */
  costMinor: bigint | null
  returned: number
}

export type Shipping = {
  name: string
  address: string
  city: string
  postalCode: string
  country: string
  phone: string | null
}

/** Money that goes back to the buyer: once, however often it is asked for. */
export type Refund = {
  id: string
  amountMinor: bigint
  reason: string
  status: 'due' | 'done' | 'failed'
  /** What wallet-service calls it, once it has begun. */
  refundId: string | null
  at: Date
}

export const RETURN_STATUSES = ['requested', 'received', 'rejected'] as const
export type ReturnLine = { product: string; quantity: number }
export type Return = {
  id: string
  lines: ReturnLine[]
  reason: string
  status: (typeof RETURN_STATUSES)[number]
  refundMinor: bigint
  requestedAt: Date
  decidedAt: Date | null
}

type HistoryItem = { status: OrderStatus; at: Date; by: string; note: string | null }
export type PaymentRefusal = { code: string; status: number; message: string }

export type Order = Omit<Totals, 'lines'> & {
  /** The order number, which nobody can guess. */
  _id: string
  userId: string
  username: string
  email: string | null
  lines: OrderLine[]
  currency: string
  couponCode: string | null
  /** The cart that it was. */
  cartId: string | null
  shipping: Shipping
  method: OrderPaymentMethod
  status: OrderStatus
  paymentStatus: (typeof ORDER_PAYMENT_STATUSES)[number]
  cancelReason: CancelReason | null
  step: (typeof CHECKOUT_STEPS)[number]
  /** When to look at it again; null when it waits for nothing. */
  dueAt: Date | null
  /** How often nobody knew an answer. */
  tries: number
  /** Until then the goods are kept. */
  payBy: Date | null
  paymentId: string | null
  clientSecret: string | null
  /** Why the last try to pay failed. */
  failure: PaymentRefusal | null
  refunds: Refund[]
  returns: Return[]
  history: HistoryItem[]
  placedAt: Date
  paidAt: Date | null
  shippedAt: Date | null
  deliveredAt: Date | null
  version: number
  updatedAt: Date
}

// Without letters that are taken for others.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `ORD-7K3M-9QXT-V2HC` of twelve random bytes. */
export const orderNumberOf = (random: Uint8Array): string => {
  const letters = [...random].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')
  return `ORD-${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8, 12)}`
}

/** The order as a step leaves it. */
export const stepped = (order: Order, changes: Partial<Order>, at: Date): Order => ({
  ...order,
  ...changes,
  version: order.version + 1,
  updatedAt: at,
})

export type By = { actor: string; at: Date; note?: string | null }

export const moved = (
  order: Order,
  status: OrderStatus,
  { actor, at, note = null }: By,
  changes: Partial<Order>,
): Order => stepped(order, { status, history: [...order.history, { status, at, by: actor, note }], ...changes }, at)
