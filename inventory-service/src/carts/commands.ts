import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { getCoupon } from '../coupons/commands.js'
import { refuse } from '../errors.js'
import { getProduct } from '../products/commands/change.js'
import { emptyCart, merge, putIn, setQuantity, takeOut, type Cart } from './domain/cart.js'
import type { ShopTerms } from './domain/totals.js'
import { findCart, removeCart, saveCart } from './store.js'

export type Deps = { db: Connection; now: () => Date; terms: ShopTerms; currency: string }

const KEPT_FOR_MS = 30 * 24 * 3600_000
const ANONYMOUS = 'anonymous:'

export const ownCartId = (userId: string): string => `user:${userId}`
export const anonymousCartId = (token: string): string => ANONYMOUS + token

/** The cart of a user, which is there when it is asked for; one without a user has to have been begun. */
export const getCart = async ({ db, now }: Deps, id: string): Promise<Cart> =>
  (await findCart(readsOn(db), id)) ?? absent(id, now())

const absent = (id: string, now: Date): Cart => {
  if (id.startsWith(ANONYMOUS)) throw refuse('cart_not_found', { cart: id.slice(ANONYMOUS.length) })
  return emptyCart(id, null, now)
}

export const beginCart = ({ db, now }: Deps, id: string): Promise<Cart> =>
  inTransaction(db, async (tx) => {
    const cart = emptyCart(id, new Date(now().getTime() + KEPT_FOR_MS), now())
    await saveCart(tx, cart)
    return cart
  })

type Asked = { id: string; product: string; quantity: number }

export const addToCart = (deps: Deps, { id, product, quantity }: Asked): Promise<Cart> =>
  change(deps, id, async (tx, cart) => putIn(cart, { product, quantity, ...(await seen(tx, product)) }))

export const changeInCart = (deps: Deps, { id, product, quantity }: Asked): Promise<Cart> =>
  change(deps, id, async (tx, cart) => setQuantity(cart, { product, quantity, ...(await seen(tx, product)) }))

export const removeFromCart = (deps: Deps, id: string, product: string): Promise<Cart> =>
  change(deps, id, (_tx, cart) => Promise.resolve(takeOut(cart, product)))

export const emptyOut = (deps: Deps, id: string): Promise<Cart> =>
  change(deps, id, (_tx, cart) => Promise.resolve({ ...cart, lines: [], couponCode: null }))

export const useCoupon = (deps: Deps, id: string, code: string | null): Promise<Cart> =>
  change(deps, id, async (tx, cart) => ({
    ...cart,
    couponCode: code === null ? null : (await getCoupon(tx, code))._id,
  }))

/** What was put into a cart before the login becomes part of the user's own. */
export const takeOver = (deps: Deps, id: string, token: string): Promise<Cart> =>
  change(deps, id, async (tx, cart) => {
    const other = await findCart(tx, anonymousCartId(token))
    if (!other) throw refuse('cart_not_found', { cart: token })
    await removeCart(tx, other._id)
    return merge(cart, other)
  })

const seen = async (tx: Tx, product: string) => ({ seenPriceMinor: (await getProduct(tx, product)).finalPriceMinor })

const change = (deps: Deps, id: string, decide: (tx: Tx, cart: Cart) => Promise<Cart>): Promise<Cart> =>
  inTransaction(deps.db, async (tx) => {
    const cart = (await findCart(tx, id)) ?? absent(id, deps.now())
    const changed = await decide(tx, cart)
    const updatedAt = deps.now()
    const expiresAt = cart.expiresAt && new Date(updatedAt.getTime() + KEPT_FOR_MS)
    const saved = { ...changed, version: cart.version + 1, expiresAt, updatedAt }
    await saveCart(tx, saved)
    return saved
  })
