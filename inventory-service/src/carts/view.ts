import { Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import { assertUsable, type Coupon } from '../coupons/domain.js'
import { findCoupon } from '../coupons/store.js'
import type { Product } from '../products/domain/product.js'
import { findStocked } from '../products/stocked.js'
import { findProducts } from '../products/store.js'
import { toImageView } from '../products/view.js'
import type { Deps } from './commands.js'
import type { Cart, CartLine } from './domain/cart.js'
import { totalsOf } from './domain/totals.js'

const ItemView = z.object({
  ...{ id: z.string(), product: z.string(), name: z.string(), image: z.string().nullable() },
  ...{ quantity: z.number().int(), unit_price: WireAmount, line_total: WireAmount },
  price_changed: z.boolean().meta({ description: 'It costs another price than when it was last put in or changed' }),
  seen_price: WireAmount,
  ...{ stock: z.number().int(), available: z.boolean() },
})

export const CartView = z.object({
  items: z.array(ItemView),
  coupon: z.object({ code: z.string(), problem: z.string().nullable() }).nullable(),
  ...{ subtotal: WireAmount, discount: WireAmount, tax: WireAmount, shipping: WireAmount, total: WireAmount },
  ...{ currency: z.string(), version: z.number(), updated_at: Timestamp },
})

/** The cart at the prices and with the stock of now; what the shop no longer has is left out. */
export const toCartView = async (deps: Deps, cart: Cart): Promise<z.input<typeof CartView>> => {
  const reads = readsOn(deps.db)
  const found = await findProducts(
    reads,
    cart.lines.map(({ product }) => product),
  )
  const products = new Map(found.map((product) => [product._id, product]))
  const stocked = await findStocked(
    reads,
    found.map(({ itemId }) => itemId),
  )
  const shown = cart.lines.flatMap((line) => {
    const product = products.get(line.product)
    return product ? [{ line, product, stock: stocked.get(product.itemId)?.available ?? 0 }] : []
  })
  const priced = shown.map(({ line, product }) => ({ ...line, unitPriceMinor: product.finalPriceMinor }))
  const coupon = cart.couponCode === null ? undefined : await findCoupon(reads, cart.couponCode)
  const problem = coupon && problemOf(coupon, totalsOf(priced, undefined, deps.terms).subtotalMinor, deps.now())
  const totals = totalsOf(priced, problem === null ? coupon : undefined, deps.terms)
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, deps.currency)
  return {
    items: shown.map((one, index) => toItemView({ ...one, lineMinor: totals.lines[index]?.subtotalMinor ?? 0n, wire })),
    coupon:
      cart.couponCode === null
        ? null
        : { code: cart.couponCode, problem: coupon ? (problem ?? null) : 'Coupon not found' },
    ...{ subtotal: wire(totals.subtotalMinor), discount: wire(totals.discountMinor), tax: wire(totals.taxMinor) },
    ...{ shipping: wire(totals.shippingMinor), total: wire(totals.totalMinor), currency: deps.currency },
    ...{ version: cart.version, updated_at: cart.updatedAt.toISOString() },
  }
}

const problemOf = (coupon: Coupon, subtotalMinor: bigint, now: Date): string | null => {
  try {
    assertUsable(coupon, { subtotalMinor, usesByBuyer: 0, now })
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

type Shown = {
  line: CartLine
  product: Product
  stock: number
  lineMinor: bigint
  wire: (amountMinor: bigint) => number
}

const toItemView = ({ line, product, stock, lineMinor, wire }: Shown): z.input<typeof ItemView> => ({
  ...{ id: product._id, product: product._id, name: product.name },
  image: product.images[0] ? (toImageView(product.images[0]).urls['thumb'] ?? null) : null,
  ...{ quantity: line.quantity, unit_price: wire(product.finalPriceMinor), line_total: wire(lineMinor) },
  ...{ price_changed: line.seenPriceMinor !== product.finalPriceMinor, seen_price: wire(line.seenPriceMinor) },
  ...{ stock, available: stock >= line.quantity },
})

export const cartExample = {
  items: [
    {
      ...{ id: 'blue-mug', product: 'blue-mug', name: 'Blue mug', image: null, quantity: 2 },
      ...{ unit_price: 9.99, line_total: 19.98, price_changed: false, seen_price: 9.99, stock: 40, available: true },
    },
  ],
  ...{ coupon: null, subtotal: 19.98, discount: 0, tax: 0, shipping: 0, total: 19.98, currency: 'USD' },
  ...{ version: 1, updated_at: '2026-11-21T09:30:00.000Z' },
}
