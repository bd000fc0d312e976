import { refuse } from '../../errors.js'

/** A product and how many of it; the price is the one that its owner has last been shown. */
export type CartLine = { product: string; quantity: number; seenPriceMinor: bigint }

/** What somebody means to buy: `user:<id>`, or `anonymous:<token>` for whoever has the token. */
export type Cart = {
  _id: string
  lines: CartLine[]
  couponCode: string | null
  /** How many orders it has become. */
  generation: number
  version: number
  /** When an anonymous one is forgotten. */
  expiresAt: Date | null
  updatedAt: Date
}

export const QUANTITY_MAX = 1_000
export const LINES_MAX = 50

export const emptyCart = (id: string, expiresAt: Date | null, now: Date): Cart => ({
  ...{ _id: id, lines: [], couponCode: null, generation: 1, version: 0, expiresAt, updatedAt: now },
})

/** Puts so many more of a product into the cart. */
export const putIn = (cart: Cart, added: CartLine): Cart => {
  const earlier = cart.lines.find(({ product }) => product === added.product)
  if (!earlier) return withLines(cart, [...cart.lines, fit(added)])
  return replaceLine(cart, { ...added, quantity: earlier.quantity + added.quantity })
}

/** Says how many of a product the cart has. */
export const setQuantity = (cart: Cart, line: CartLine): Cart => {
  assertHas(cart, line.product)
  return replaceLine(cart, line)
}

export const takeOut = (cart: Cart, product: string): Cart => {
  assertHas(cart, product)
  return withLines(
    cart,
    cart.lines.filter((line) => line.product !== product),
  )
}

/** Adds what another cart has; where both have a product, the larger number counts, as it may be the same wish. */
export const merge = (cart: Cart, { lines, couponCode }: Pick<Cart, 'lines' | 'couponCode'>): Cart => {
  const ours = new Map(cart.lines.map((line) => [line.product, line]))
  for (const line of lines) {
    const quantity = Math.max(line.quantity, ours.get(line.product)?.quantity ?? 0)
    ours.set(line.product, { ...line, quantity })
  }
  return { ...withLines(cart, [...ours.values()].slice(0, LINES_MAX)), couponCode: cart.couponCode ?? couponCode }
}

/** The same wishes at the prices of now. */
export const atPrices = (cart: Cart, prices: ReadonlyMap<string, bigint>): Cart =>
  withLines(
    cart,
    cart.lines.map((line) => ({ ...line, seenPriceMinor: prices.get(line.product) ?? line.seenPriceMinor })),
  )

const replaceLine = (cart: Cart, line: CartLine): Cart =>
  withLines(
    cart,
    cart.lines.map((one) => (one.product === line.product ? fit(line) : one)),
  )

const fit = (line: CartLine): CartLine => {
  if (line.quantity > QUANTITY_MAX) throw refuse('cart_quantity_limit', { quantity_max: QUANTITY_MAX })
  return line
}

const assertHas = ({ lines }: Cart, product: string): void => {
  if (!lines.some((line) => line.product === product)) throw refuse('cart_item_not_found', { item: product })
}

const withLines = (cart: Cart, lines: CartLine[]): Cart => {
  if (lines.length > LINES_MAX) throw refuse('cart_lines_limit', { lines_max: LINES_MAX })
  return { ...cart, lines }
}
