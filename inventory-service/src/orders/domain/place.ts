import { sum, type Totals } from '../../carts/domain/totals.js'
import { refuse } from '../../errors.js'
import type { Product } from '../../products/domain/product.js'
import type { Order, OrderLine } from './order.js'

export type Wish = { product: string; quantity: number; seenPriceMinor: bigint | null }

export type PricedWish = { wish: Wish; product: Product }

/** Finds each product that is wished for; the same one twice is one wish. */
export const resolveWishes = (wishes: readonly Wish[], products: readonly Product[]): PricedWish[] => {
  const bySlug = new Map(products.map((product) => [product._id, product]))
  const merged = new Map<string, Wish>()
  for (const wish of wishes) {
    const quantity = wish.quantity + (merged.get(wish.product)?.quantity ?? 0)
    merged.set(wish.product, { ...wish, quantity })
  }
  return [...merged.values()].map((wish) => {
    const product = bySlug.get(wish.product)
    if (!product) throw refuse('product_not_found', { slug: wish.product })
    return { wish, product }
  })
}

/** Those that cost another price now than the buyer has been shown. */
export const changedPrices = (wishes: readonly PricedWish[]): PricedWish[] =>
  wishes.filter(({ wish, product }) => wish.seenPriceMinor !== null && wish.seenPriceMinor !== product.finalPriceMinor)

type Draft = Pick<
  Order,
  | '_id'
  | 'userId'
  | 'username'
  | 'email'
  | 'currency'
  | 'couponCode'
  | 'cartId'
  | 'shipping'
  | 'method'
  | 'payBy'
  | 'dueAt'
>

/** An order whose goods are being reserved. */
export const placeOrder = (draft: Draft, wishes: readonly PricedWish[], totals: Totals, at: Date): Order => {
  const { lines: lineTotals, ...amounts } = totals
  const lines = wishes.map(({ wish, product }, index): OrderLine => {
    const priced = lineTotals[index]
    if (!priced) throw new RangeError('A line without totals')
    const { _id, name, itemId, vendorId, seller, finalPriceMinor: unitPriceMinor } = product
    const ordered = { product: _id, name, itemId, vendorId, seller, quantity: wish.quantity, unitPriceMinor }
    return { ...ordered, ...priced, costMinor: null, returned: 0 }
  })
  if (sum(lines.map(({ totalMinor }) => totalMinor)) + amounts.shippingMinor !== amounts.totalMinor)
    throw new RangeError('The lines of an order do not add up to it')
  return {
    ...{ ...draft, ...amounts, lines },
    ...{ status: 'pending', paymentStatus: 'pending', cancelReason: null },
    ...{ step: draft.method === 'cash_on_delivery' ? 'settled' : 'reserved', tries: 0 },
    ...{ paymentId: null, clientSecret: null, failure: null, refunds: [], returns: [] },
    history: [{ status: 'pending', at, by: `user:${draft.userId}`, note: null }],
    ...{ placedAt: at, paidAt: null, shippedAt: null, deliveredAt: null, version: 1, updatedAt: at },
  }
}
