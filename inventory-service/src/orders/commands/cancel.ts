import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { findCart, saveCart } from '../../carts/store.js'
import { giveBackCoupon } from '../../coupons/store.js'
import type { StockLine } from '../../stock/domain/stock.js'
import { bookTakeBack } from '../domain/books.js'
import type { By, CancelReason, Order, PaymentRefusal } from '../domain/order.js'
import { callOff, payRefused, takeBack, voided } from '../domain/steps.js'
import { cancelledEvent, entryDue } from '../events.js'
import { mailAbout } from '../mails.js'
import { spotOf, spotsOf, takeStep, type Deps } from './deps.js'

/** Calls an order off before its goods have left: they are free again with that, and its coupon too. */
export const cancelPending = (deps: Deps, order: Order, reason: CancelReason, by: By): Promise<Order> =>
  letGo(deps, order, by, callOff(order, reason, by))

/** The same for one whose payment is known never to happen. */
export const cancelUnpaid = (deps: Deps, order: Order, by: By): Promise<Order> =>
  letGo(deps, order, by, { ...voided(callOff(order, 'not_paid', by), by.at), version: order.version + 1 })

/** The same for one that its buyer cannot pay like that: what was in the cart is there again. */
export const cancelRefused = async (deps: Deps, order: Order, failure: PaymentRefusal, by: By): Promise<Order> => {
  const off = await letGo(deps, order, by, payRefused(order, failure, by))
  await refillCart(deps, off)
  return off
}

const refillCart = ({ db, now }: Deps, { cartId, lines, couponCode }: Order): Promise<void> =>
  inTransaction(db, async (tx) => {
    const cart = cartId === null ? undefined : await findCart(tx, cartId)
    if (!cart || cart.lines.length > 0) return
    const refilled = lines.map(({ product, quantity, unitPriceMinor }) => ({
      product,
      quantity,
      seenPriceMinor: unitPriceMinor,
    }))
    await saveCart(tx, { ...cart, lines: refilled, couponCode, version: cart.version + 1, updatedAt: now() })
  })

const letGo = async (deps: Deps, order: Order, { actor }: By, after: Order): Promise<Order> => {
  const coupon = await couponOf(deps, order)
  const lines: StockLine[] = spotsOf(order).map((spot) => ({ ...spot, kind: 'release' }))
  return takeStep(deps, order, {
    ...{ step: 'cancelled', actor, lines, after: () => after },
    companions: (left) => [...coupon, ...(left.cancelReason === 'payment_refused' ? [] : mailAbout('cancelled', left))],
    events: (left) => [cancelledEvent(left, false)],
  })
}

const couponOf = ({ db }: Deps, { couponCode, _id }: Order) =>
  couponCode === null ? Promise.resolve([]) : giveBackCoupon(readsOn(db), couponCode, _id)

/** Takes goods back into the stock that had left it for an order, at what they cost; what was paid goes back. */
export const cancelPrepared = async (deps: Deps, order: Order, by: By): Promise<Order> => {
  const coupon = await couponOf(deps, order)
  const lines: StockLine[] = order.lines.map((line) => ({
    ...{ ...spotOf(line), kind: 'receive', type: 'return', quantity: line.quantity, valueMinor: line.costMinor ?? 0n },
  }))
  return takeStep(deps, order, {
    ...{ step: 'taken-back', actor: by.actor, lines, after: () => takeBack(order, by) },
    companions: (left) => [...coupon, ...mailAbout('cancelled', left)],
    events: (left) => [
      cancelledEvent(left, true),
      ...entryDue(left, 'taken-back', bookTakeBack(order, deps.rules.commission)),
    ],
  })
}
