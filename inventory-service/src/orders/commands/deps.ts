import { untilUnchanged } from '../../overtaken.js'
import type { Envelope } from '@countinghouse/shared/messaging/event'
import type { Log } from '@countinghouse/shared/log'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import type { ShopTerms } from '../../carts/domain/totals.js'
import { MAIN_WAREHOUSE, type Posted, type StockLine } from '../../stock/domain/stock.js'
import type { Stock } from '../../stock/stock.js'
import type { Commission } from '../domain/books.js'
import type { Order, OrderLine } from '../domain/order.js'
import type { Payments } from '../payments.js'
import { getOrder, OrderChanged, orderUpdate } from '../store.js'

export type OrderRules = {
  currency: string
  terms: ShopTerms
  commission: Commission
  /** How long goods are kept for whoever has not paid. */
  payWithinMs: number
  /** When wallet-service is asked again for what it has not answered. */
  answerWithinMs: number
  returnDays: number
}

export type Deps = {
  db: Connection
  now: () => Date
  log: Log
  stock: Stock
  payments: Payments
  rules: OrderRules
  /** Where the mails to a buyer go; null when nobody can tell now. */
  emailOf: (authorization: string | undefined) => Promise<string | null>
  /** Lets the shop show that these items have run out, or are back. */
  followStock: (itemIds: readonly string[]) => Promise<void>
}

export const MYSELF = 'service:inventory-service'

/** What a step does beside changing the order; all of it commits together or not at all. */
export type Effects = {
  step: string
  actor: string
  lines?: readonly StockLine[]
  /** The order as the step leaves it, which may depend on what the goods cost. */
  after: (posted: Posted) => Order
  companions?: (after: Order) => readonly CompanionWrite[]
  events?: (after: Order) => readonly Envelope[]
}

/** Takes a step with an order over the version that it was decided on; throws `OrderChanged` when that is not the last. */
export const takeStep = async (deps: Deps, before: Order, effects: Effects): Promise<Order> => {
  const { step, actor, lines = [], after, companions, events } = effects
  let left: Order | undefined
  const { turned } = await deps.stock
    .submit({
      ...{ cause: { kind: 'order', id: before._id, step }, actor, effectiveAt: deps.now(), lines },
      companions: (posted) => {
        left = after(posted)
        return [orderUpdate(before, left), ...(companions?.(left) ?? [])]
      },
      events: (posted) => events?.(after(posted)) ?? [],
    })
    .catch((error: unknown) => {
      // Another one took this very step first: the order says so by now.
      if (error instanceof Refusal && error.code === 'already_posted') throw new OrderChanged()
      throw error
    })
  if (!left) throw new Error(`The step ${step} of ${before._id} left nothing`)
  await deps.followStock(turned.map(({ _id }) => _id))
  return left
}

/** Decides a step on the order as it is, or as it is known, and again when another one was faster. */
export const withLatest = (
  { db }: Pick<Deps, 'db'>,
  order: string | Order,
  attempt: (order: Order) => Promise<Order>,
): Promise<Order> => {
  let known = typeof order === 'string' ? undefined : order
  const number = typeof order === 'string' ? order : order._id
  return untilUnchanged(() => {
    const first = known
    known = undefined
    return first ? attempt(first) : getOrder(readsOn(db), number).then(attempt)
  })
}

type Spot = { itemId: string; warehouseId: string }

export const spotOf = ({ itemId }: Pick<OrderLine, 'itemId'>): Spot => ({ itemId, warehouseId: MAIN_WAREHOUSE })

/** Each item of an order once, as goods are let go of by item. */
export const spotsOf = ({ lines }: Order): Spot[] =>
  [...new Set(lines.map(({ itemId }) => itemId))].map((itemId) => spotOf({ itemId }))

/** What the goods of each line cost, from the moves of the step, beginning with that stock line. */
export const costsIn = ({ moves }: Posted, { lines }: Order, from = 0): bigint[] =>
  lines.map((_, index) =>
    moves.reduce((sum, move) => (move.lineIndex === from + index ? sum - move.valueMinor : sum), 0n),
  )
