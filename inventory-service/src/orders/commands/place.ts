import { faultPoint } from '@countinghouse/shared/fault'
import type { Claim } from '@countinghouse/shared/idempotency'
import { toWireAmount } from '@countinghouse/shared/money'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { takeRandom } from '@countinghouse/shared/random'
import { Refusal, refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { ownCartId } from '../../carts/commands.js'
import { atPrices, type Cart } from '../../carts/domain/cart.js'
import { totalsOf, type Totals } from '../../carts/domain/totals.js'
import { cartOrdered, findCart, saveCart } from '../../carts/store.js'
import { getCoupon } from '../../coupons/commands.js'
import { assertUsable, type Coupon } from '../../coupons/domain.js'
import { findUses, takeCoupon } from '../../coupons/store.js'
import { refuse } from '../../errors.js'
import { findProducts } from '../../products/store.js'
import { orderNumberOf, type Order, type OrderPaymentMethod, type Shipping } from '../domain/order.js'
import { changedPrices, placeOrder, resolveWishes, type PricedWish, type Wish } from '../domain/place.js'
import { orderEvent } from '../events.js'
import { mailAbout } from '../mails.js'
import { checkouts, findCheckout, getOrder, orderInsertion } from '../store.js'
import { spotOf, type Deps } from './deps.js'

export type AskedOrder = {
  /** Without them, what is in the cart. */
  items: { product: string; quantity: number }[] | undefined
  coupon: string | undefined
  shipping: Shipping
  method: OrderPaymentMethod
}

export type Buyer = { userId: string; username: string; authorization: string | undefined }

/** This request, or this cart, has become an order already. */
class CheckedOut extends Error {
  constructor(readonly checkoutId: string) {
    super('This is an order already')
  }
}

class CartMoved extends Error {}

const TRIES_MAX = 3

/** Makes an order whose goods are kept for it, once for its key and once for the cart as it is. */
export const placeOnce = async (
  deps: Deps,
  asked: AskedOrder,
  buyer: Buyer,
  claim: Claim | undefined,
): Promise<Order> => {
  const earlier = claim && (await findPlaced(deps, `claim:${claim.id}`, claim))
  if (earlier) return earlier
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    try {
      return await place(deps, asked, buyer, claim)
    } catch (error) {
      if (error instanceof CheckedOut) return (await findPlaced(deps, error.checkoutId, claim)) as Order
      if (error instanceof CartMoved) continue
      // A twin may have placed it since, and what is refused then is refused because of it: it took the last goods.
      const twin = claim && error instanceof Refusal && (await findPlaced(deps, `claim:${claim.id}`, claim))
      if (!twin) throw error
      return twin
    }
  }
  throw refuse('cart_changed')
}

const findPlaced = async ({ db }: Deps, checkoutId: string, claim: Claim | undefined): Promise<Order | undefined> => {
  const reads = readsTogether(db)
  const checkout = await findCheckout(reads, checkoutId)
  if (!checkout) return undefined
  const isOther = checkoutId.startsWith('claim:') && checkout.fingerprint !== claim?.fingerprint
  if (isOther) throw refuseCommon('idempotency_key_reused')
  return getOrder(reads, checkout.orderNumber)
}

const NUMBER_BYTES = 12
// The payment is undone before somebody else is given the goods.
const KEPT_LONGER_MS = 10 * 60_000

const place = async (deps: Deps, asked: AskedOrder, buyer: Buyer, claim: Claim | undefined): Promise<Order> => {
  const { rules, now } = deps
  const [{ cart, wishes, totals, coupon }, email] = await Promise.all([
    priceWishes(deps, asked, buyer),
    deps.emailOf(buyer.authorization),
  ])
  const at = now()
  const isPrepaid = asked.method !== 'cash_on_delivery'
  const payBy = isPrepaid ? new Date(at.getTime() + rules.payWithinMs) : null
  const draft = {
    ...{ _id: orderNumberOf(takeRandom(NUMBER_BYTES)), userId: buyer.userId, username: buyer.username, email },
    ...{ currency: rules.currency, couponCode: coupon?._id ?? null, shipping: asked.shipping, method: asked.method },
    ...{ cartId: cart?._id ?? null, payBy, dueAt: isPrepaid ? new Date(at.getTime() + rules.answerWithinMs) : null },
  }
  const order = placeOrder(draft, wishes, totals, at)
  const companions = await companionsOf(deps, order, { cart, claim, coupon })
  const expiresAt = payBy && new Date(payBy.getTime() + KEPT_LONGER_MS)
  const { turned } = await deps.stock
    .submit({
      ...{ cause: { kind: 'order', id: order._id, step: 'placed' }, actor: `user:${buyer.userId}`, effectiveAt: at },
      lines: order.lines.map((line) => ({
        ...{ ...spotOf(line), kind: 'reserve', quantity: line.quantity, ...(expiresAt && { expiresAt }) },
      })),
      companions: () => companions,
      events: () => [orderEvent('placed', order)],
    })
    .catch((error: unknown) => {
      throw namingProduct(error, order)
    })
  faultPoint('order:placed')
  await deps.followStock(turned.map(({ _id }) => _id))
  return order
}

type Priced = { cart: Cart | undefined; wishes: PricedWish[]; totals: Totals; coupon: Coupon | undefined }

const priceWishes = async (deps: Deps, asked: AskedOrder, { userId }: Buyer): Promise<Priced> => {
  const { db, now, rules } = deps
  const reads = readsTogether(db)
  const cart = asked.items ? undefined : await findCart(reads, ownCartId(userId))
  const wanted: readonly Wish[] = asked.items?.map((item) => ({ ...item, seenPriceMinor: null })) ?? cart?.lines ?? []
  if (wanted.length === 0) throw refuse('cart_empty')
  const wishes = resolveWishes(
    wanted,
    await findProducts(
      reads,
      wanted.map(({ product }) => product),
    ),
  )
  await refuseChangedPrices(deps, cart, wishes)
  const lines = wishes.map(({ wish, product }) => ({
    quantity: wish.quantity,
    unitPriceMinor: product.finalPriceMinor,
  }))
  const code = asked.coupon ?? cart?.couponCode ?? undefined
  const coupon = code === undefined ? undefined : await getCoupon(reads, code)
  const { subtotalMinor } = totalsOf(lines, undefined, rules.terms)
  if (coupon) assertUsable(coupon, { subtotalMinor, usesByBuyer: await countUses(deps, coupon, userId), now: now() })
  return { cart, wishes, coupon, totals: totalsOf(lines, coupon, rules.terms) }
}

const countUses = async ({ db }: Deps, { _id }: Coupon, userId: string): Promise<number> =>
  (await findUses(readsOn(db), _id, userId)).filter(({ orderNumber }) => orderNumber !== null).length

/** Refuses once, and says what things cost now; who orders again has seen it. */
const refuseChangedPrices = async ({ db, rules }: Deps, cart: Cart | undefined, wishes: readonly PricedWish[]) => {
  const changed = changedPrices(wishes)
  if (!cart || changed.length === 0) return
  const prices = new Map(changed.map(({ product }) => [product._id, product.finalPriceMinor]))
  await inTransaction(db, async (tx) => {
    const current = await findCart(tx, cart._id)
    if (current) await saveCart(tx, { ...atPrices(current, prices), version: current.version + 1 })
  })
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, rules.currency)
  throw refuse('price_changed', {
    items: changed.map(({ wish, product }) => ({
      ...{ product: product._id, was: wire(wish.seenPriceMinor ?? 0n), now: wire(product.finalPriceMinor) },
    })),
  })
}

type Settling = { cart: Cart | undefined; claim: Claim | undefined; coupon: Coupon | undefined }

const companionsOf = async (
  { db }: Deps,
  order: Order,
  { cart, claim, coupon }: Settling,
): Promise<CompanionWrite[]> => {
  const { _id: orderNumber, userId, placedAt: at } = order
  const checkout = (_id: string, fingerprint: string | null) =>
    insertion(checkouts, { _id, orderNumber, fingerprint, at }, () => new CheckedOut(_id))
  const uses = coupon ? await findUses(readsOn(db), coupon._id, userId) : []
  return [
    ...(claim ? [checkout(`claim:${claim.id}`, claim.fingerprint)] : []),
    ...(cart ? [checkout(`cart:${cart._id}:${cart.generation.toString()}`, null)] : []),
    ...(cart ? [cartOrdered(cart, () => new CartMoved())] : []),
    ...(coupon ? takeCoupon({ coupon, uses, userId, orderNumber }) : []),
    ...[orderInsertion(order), ...mailAbout('placed', order)],
  ]
}

const namingProduct = (error: unknown, { lines }: Order): unknown => {
  if (!(error instanceof Refusal) || error.code !== 'insufficient_stock') return error
  const line = lines.find(({ itemId }) => itemId === error.context['item_id'])
  return new Refusal(error.code, error.status, error.message, { ...error.context, product: line?.product })
}
