import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Shelf } from './domain/known.js'
import type { ItemStock, Layer, Move, Reservation, Spot } from './domain/stock.js'
import { layers, moves, reservations, series, stocks } from './store.js'

export const loadShelves = async (reads: Reads, itemIds: readonly string[]): Promise<Map<string, Shelf>> => {
  const found = await reads.find(stocks, { _id: { $in: [...itemIds] } })
  const open = await reads.find(
    layers,
    { itemId: { $in: [...itemIds] }, isOpen: true },
    { sort: { itemId: 1, seq: 1 } },
  )
  const byItem = new Map(found.map(({ _id }) => [_id, [] as Layer[]]))
  for (const layer of open) byItem.get(layer.itemId)?.push(layer)
  return new Map(found.map((stock) => [stock._id, { stock, layers: byItem.get(stock._id) ?? [] }]))
}

export const loadReservations = async (reads: Reads, ids: readonly string[]): Promise<Map<string, Reservation>> => {
  if (ids.length === 0) return new Map()
  const found = await reads.find(reservations, { _id: { $in: [...ids] } })
  return new Map(found.map((reservation) => [reservation._id, reservation]))
}

export const loadCounts = async (reads: Reads, ids: readonly string[]): Promise<Map<string, number>> => {
  if (ids.length === 0) return new Map()
  return new Map((await reads.find(series, { _id: { $in: [...ids] } })).map(({ _id, last }) => [_id, last]))
}

/** Those of these causes that have moved goods. */
export const findCauses = async (reads: Reads, causes: readonly Move['cause'][]): Promise<Move['cause'][]> => {
  if (causes.length === 0) return []
  const named = causes.map(({ kind, id, step }) => ({ 'cause.id': id, 'cause.kind': kind, 'cause.step': step }))
  return (await reads.find(moves, { $or: named })).map((move) => move.cause)
}

/** What is kept beyond its time, the oldest first. */
export const findOverdue = (reads: Reads, now: Date, limit: number): Promise<Reservation[]> =>
  reads.find(reservations, { state: 'active', expiresAt: { $lte: now } }, { sort: { expiresAt: 1 }, limit })

export const findOverdueAt = (reads: Reads, spots: readonly Spot[], now: Date): Promise<Reservation[]> => {
  const places = spots.map(({ itemId, warehouseId }) => ({ itemId, warehouseId }))
  return reads.find(reservations, { state: 'active', expiresAt: { $lte: now }, $or: places })
}

/** How much is kept beyond its time, and so can be promised again, by item and warehouse. */
export const overdueIn = async (reads: Reads, itemIds: readonly string[], now: Date): Promise<Map<string, number>> => {
  const found = await reads.find(reservations, {
    itemId: { $in: [...itemIds] },
    state: 'active',
    expiresAt: { $lte: now },
  })
  const sums = new Map<string, number>()
  for (const { itemId, warehouseId, quantity } of found) {
    const spot = `${itemId}:${warehouseId}`
    sums.set(spot, (sums.get(spot) ?? 0) + quantity)
  }
  return sums
}

export const findStocks = async (reads: Reads, itemIds: readonly string[]): Promise<Map<string, ItemStock>> => {
  const found = await reads.find(stocks, { _id: { $in: [...itemIds] } })
  return new Map(found.map((stock) => [stock._id, stock]))
}

type MoveFilter = { itemId: string; warehouseId?: string | undefined; before?: number | undefined; limit: number }

/** The moves of an item, the newest first. */
export const listMoves = (reads: Reads, { itemId, warehouseId, before, limit }: MoveFilter): Promise<Move[]> => {
  const filter = {
    itemId,
    ...(warehouseId !== undefined && { warehouseId }),
    ...(before !== undefined && { seq: { $lt: before } }),
  }
  return reads.find(moves, filter, { sort: { seq: -1 }, limit })
}

export const findStock = (reads: Reads, itemId: string) => reads.findOne(stocks, { _id: itemId })
