import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import type { Posted, Reservation, Spot } from './domain/stock.js'
import type { StockRequest } from './group.js'
import { findOverdue, findOverdueAt } from './reading.js'

type Deps = { db: Connection; now: () => Date; submit: (request: StockRequest) => Promise<Posted> }

const BATCH_MAX = 200

/** Lets go of what is kept beyond its time, of these items in these places; answers how many reservations that were. */
export const expireReservations = async (deps: Deps, spots: readonly Spot[]): Promise<number> =>
  expireAll(deps, await findOverdueAt(readsOn(deps.db), spots, deps.now()))

/** The same for all, the oldest first; answers whether there may be more. */
export const expireBatch = async (deps: Deps): Promise<boolean> => {
  const overdue = await findOverdue(readsOn(deps.db), deps.now(), BATCH_MAX)
  await expireAll(deps, overdue)
  return overdue.length === BATCH_MAX
}

const expireAll = async (deps: Deps, overdue: readonly Reservation[]): Promise<number> => {
  const expired = await Promise.all(overdue.map((reservation) => expire(deps, reservation)))
  return expired.filter((done) => done).length
}

/** False when it was used, let go of or prolonged in the meantime. */
const expire = async ({ now, submit }: Deps, { holder, itemId, warehouseId }: Reservation): Promise<boolean> => {
  const at = now()
  try {
    await submit({
      cause: { ...holder, step: 'expiry' },
      actor: 'service:inventory-service',
      effectiveAt: at,
      lines: [{ kind: 'release', itemId, warehouseId, onlyIfExpiredAt: at }],
    })
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'reservation_gone') return false
    throw error
  }
}
