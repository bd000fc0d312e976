import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import { counter } from '@countinghouse/shared/metrics'
import { Refusal } from '@countinghouse/shared/refusal'
import { bookSale } from '../domain/books.js'
import type { Order } from '../domain/order.js'
import { paid, paidInVain } from '../domain/steps.js'
import { cancelledEvent, entryDue, orderEvent } from '../events.js'
import { mailAbout } from '../mails.js'
import { costsIn, MYSELF, spotOf, spotsOf, takeStep, withLatest, type Deps } from './deps.js'

const completed = counter('shop_orders_paid_total', 'Orders whose money came, by whether there were goods for it', {
  result: ['sold', 'in_vain'],
})

export type Money = { paymentId: string; amountMinor: bigint }

/**
 * The money for an order is there. Its goods leave the stock with that; where it comes too late, or nothing is left, all
 * of it goes back. However often and by whomever it is told, one of the two happens, once.
 */
export const settlePaid = (
  deps: Deps,
  known: string | Order,
  { paymentId, amountMinor }: Money,
  companions: readonly CompanionWrite[] = [],
): Promise<Order> =>
  withLatest(deps, known, async (order) => {
    if (amountMinor !== order.totalMinor) throw new Error(`${paymentId} does not pay what ${order._id} comes to`)
    if (order.paidAt !== null) {
      await commitCompanions(deps.db, companions)
      return order
    }
    const paying = { ...order, paymentId }
    if (order.status === 'cancelled') return giveBack(deps, paying, companions)
    return hand(deps, paying, companions)
  })

const hand = async (deps: Deps, order: Order, companions: readonly CompanionWrite[]): Promise<Order> => {
  try {
    return await handReserved(deps, order, companions)
  } catch (error) {
    if (!isRefused(error, 'reservation_gone')) throw error
  }
  try {
    return await handFree(deps, order, companions)
  } catch (error) {
    if (!isRefused(error, 'insufficient_stock')) throw error
    return giveBack(deps, order, companions)
  }
}

const isRefused = (error: unknown, code: string): boolean => error instanceof Refusal && error.code === code

const handReserved = (deps: Deps, order: Order, companions: readonly CompanionWrite[]) =>
  handOver(deps, order, {
    companions,
    lines: order.lines.map((line) => ({
      ...spotOf(line),
      ...LEAVES,
      quantity: line.quantity,
      fromReserved: true as const,
    })),
    issuesFrom: 0,
  })

const LEAVES = { kind: 'issue', type: 'issue' } as const

/** The goods were kept too short a time; perhaps there are others. */
const handFree = (deps: Deps, order: Order, companions: readonly CompanionWrite[]) => {
  const released = spotsOf(order).map((spot) => ({ ...spot, kind: 'release' as const }))
  const issued = order.lines.map((line) => ({ ...spotOf(line), ...LEAVES, quantity: line.quantity }))
  return handOver(deps, order, { companions, lines: [...released, ...issued], issuesFrom: released.length })
}

type HandingOver = {
  companions: readonly CompanionWrite[]
  lines: Parameters<typeof takeStep>[2]['lines'] & object
  issuesFrom: number
}

const handOver = async (deps: Deps, order: Order, { companions, lines, issuesFrom }: HandingOver): Promise<Order> => {
  const at = deps.now()
  const done = await takeStep(deps, order, {
    ...{ step: 'paid', actor: MYSELF, lines },
    after: (posted) => paid(order, costsIn(posted, order, issuesFrom), { actor: MYSELF, at }),
    companions: () => companions,
    events: (after) => [orderEvent('paid', after), ...entryDue(after, 'paid', bookSale(after, deps.rules.commission))],
  })
  completed.inc({ result: 'sold' })
  return done
}

const giveBack = async (deps: Deps, order: Order, companions: readonly CompanionWrite[]): Promise<Order> => {
  const wasOff = order.status === 'cancelled'
  const by = { actor: MYSELF, at: deps.now(), note: 'paid, and nothing left to sell' }
  const done = await takeStep(deps, order, {
    ...{ step: 'paid-in-vain', actor: MYSELF },
    lines: wasOff ? [] : spotsOf(order).map((spot) => ({ ...spot, kind: 'release' as const })),
    after: () => paidInVain(order, by),
    companions: (after) => [...companions, ...(wasOff ? [] : mailAbout('cancelled', after))],
    events: (after) => (wasOff ? [] : [cancelledEvent(after, false)]),
  })
  completed.inc({ result: 'in_vain' })
  return done
}
