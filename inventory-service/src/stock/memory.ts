import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Shelf } from './domain/known.js'
import { seriesId } from './domain/series.js'
import { reservationId, type Reservation } from './domain/stock.js'
import type { Books, DecidedGroup, Queued } from './group.js'
import { loadCounts, loadReservations, loadShelves } from './reading.js'
import { findWarehouseIds } from './warehouses.js'

/** What a group needs to know of the stock. */
export type Scope = { itemIds: string[]; reservationIds: string[]; seriesIds: string[]; warehouseIds: string[] }

export type Facts = {
  shelves: Map<string, Shelf>
  reservations: Map<string, Reservation>
  counts: Map<string, number>
  warehouses: Set<string>
}

export const scopeOf = (group: readonly Queued[]): Scope => {
  const lines = group.flatMap(({ request: { cause, lines } }) => lines.map((line) => ({ line, cause })))
  const reserving = lines.filter(({ line }) => isAboutReserved(line))
  return {
    itemIds: unique(lines.map(({ line }) => line.itemId)),
    warehouseIds: unique(lines.map(({ line }) => line.warehouseId)),
    reservationIds: unique(reserving.map(({ line, cause }) => reservationId(cause, line))),
    seriesIds: unique(group.flatMap(({ request }) => (request.series ? seriesId(request.series) : []))),
  }
}

const isAboutReserved = (line: Queued['request']['lines'][number]): boolean =>
  line.kind === 'reserve' || line.kind === 'release' || (line.kind === 'issue' && line.fromReserved === true)

const unique = (ids: readonly string[]): string[] => [...new Set(ids)]

export const readFacts = async (
  reads: Reads,
  { itemIds, reservationIds, seriesIds, warehouseIds }: Scope,
): Promise<Facts> => ({
  shelves: itemIds.length > 0 ? await loadShelves(reads, itemIds) : new Map<string, Shelf>(),
  reservations: await loadReservations(reads, reservationIds),
  counts: await loadCounts(reads, seriesIds),
  warehouses: new Set(warehouseIds.length > 0 ? await findWarehouseIds(reads, warehouseIds) : []),
})

export const toBooks = (facts: Facts, more: Pick<Books, 'causes' | 'misses'>): Books => ({
  shelf: (itemId) => facts.shelves.get(itemId),
  reservation: (id) => facts.reservations.get(id),
  hasWarehouse: (id) => facts.warehouses.has(id),
  counts: facts.counts,
  ...more,
})

const REMEMBERED_MAX = 20_000

/** What this process has seen of the stock; every use of it is guarded when it is written. */
export const createMemory = () => {
  const known: Facts = { shelves: new Map(), reservations: new Map(), counts: new Map(), warehouses: new Set() }
  const parts = [known.shelves, known.reservations, known.counts, known.warehouses]
  const forget = (): void => {
    for (const part of parts) part.clear()
  }
  return {
    /** From memory where it is known, else read. */
    recall: async (reads: Reads, scope: Scope): Promise<Facts> => {
      const missing: Scope = {
        itemIds: scope.itemIds.filter((id) => !known.shelves.has(id)),
        reservationIds: scope.reservationIds.filter((id) => !known.reservations.has(id)),
        seriesIds: scope.seriesIds.filter((id) => !known.counts.has(id)),
        warehouseIds: scope.warehouseIds.filter((id) => !known.warehouses.has(id)),
      }
      const read = await readFacts(reads, missing)
      return {
        shelves: merged(scope.itemIds, read.shelves, known.shelves),
        reservations: merged(scope.reservationIds, read.reservations, known.reservations),
        counts: merged(scope.seriesIds, read.counts, known.counts),
        warehouses: new Set([...read.warehouses, ...scope.warehouseIds.filter((id) => known.warehouses.has(id))]),
      }
    },
    remember: ({ shelves, reservations, counts }: DecidedGroup, facts: Facts): void => {
      // All or nothing: what is remembered of an item's parts is only as true as the version that is remembered with it.
      if (parts.some((part) => part.size > REMEMBERED_MAX)) forget()
      for (const [id, shelf] of shelves) known.shelves.set(id, shelf)
      for (const [id, count] of counts) known.counts.set(id, count)
      for (const id of facts.warehouses) known.warehouses.add(id)
      for (const [id, reservation] of reservations)
        if (reservation.state === 'active') known.reservations.set(id, reservation)
        else known.reservations.delete(id)
    },
    forget,
  }
}

const merged = <Value>(
  ids: readonly string[],
  read: ReadonlyMap<string, Value>,
  known: ReadonlyMap<string, Value>,
): Map<string, Value> => {
  const found = new Map<string, Value>()
  for (const id of ids) {
    const value = read.get(id) ?? known.get(id)
    if (value !== undefined) found.set(id, value)
  }
  return found
}
