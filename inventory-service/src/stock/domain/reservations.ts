import { refuse } from '../../errors.js'
import { reservationId, type Cause, type Reservation, type StockLine } from './stock.js'

type ReserveLine = Extract<StockLine, { kind: 'reserve' }>
type ReleaseLine = Extract<StockLine, { kind: 'release' }>
type Keeping = { line: ReserveLine; holder: Pick<Cause, 'kind' | 'id'>; now: Date }

/** Keeps so many more for a document; the line says anew until when. */
export const reserveFor = (known: Reservation | undefined, { line, holder, now }: Keeping): Reservation => ({
  _id: reservationId(holder, line),
  itemId: line.itemId,
  warehouseId: line.warehouseId,
  holder: { kind: holder.kind, id: holder.id },
  quantity: (known?.quantity ?? 0) + line.quantity,
  state: 'active',
  expiresAt: line.expiresAt ?? null,
  updatedAt: now,
})

/** Hands over what is kept; it serves its document until someone else has got it, also beyond its time. */
export const takeReserved = (known: Reservation | undefined, quantity: number, now: Date): Reservation => {
  if (!known || known.quantity < quantity) throw refuseGone(known)
  return lessened(known, quantity, 'consumed', now)
}

type LetGo = { reservation: Reservation | undefined; released: number }

/** Lets go of a part or of all that is left; nothing, where nothing is left and no quantity was asked for. */
export const letGo = (known: Reservation | undefined, line: ReleaseLine, now: Date): LetGo => {
  const { quantity, onlyIfExpiredAt } = line
  if (onlyIfExpiredAt && !(known && isOverdue(known, onlyIfExpiredAt))) throw refuseGone(known)
  const released = quantity ?? known?.quantity ?? 0
  if (released > (known?.quantity ?? 0)) throw refuseGone(known)
  if (!known || released === 0) return { reservation: undefined, released: 0 }
  return { reservation: lessened(known, released, onlyIfExpiredAt ? 'expired' : 'released', now), released }
}

/** Its time is over, and it still keeps something. */
export const isOverdue = ({ state, expiresAt }: Reservation, now: Date): boolean =>
  state === 'active' && expiresAt !== null && expiresAt <= now

const lessened = (known: Reservation, by: number, end: Reservation['state'], now: Date): Reservation => {
  const quantity = known.quantity - by
  return { ...known, quantity, state: quantity === 0 ? end : 'active', updatedAt: now }
}

const refuseGone = (known: Reservation | undefined) => refuse('reservation_gone', { reserved: known?.quantity ?? 0 })
