import { refuse } from '../../errors.js'
import type { Known } from './known.js'
import { availableOf, levelIn, reservationId, type Spot, type StockLine, type StockOrder } from './stock.js'

/** Line by line: is there such an item, and enough of it for all lines that ask for it? */
export const refuseUnfit = (order: StockOrder, known: Known): void => {
  for (const line of order.lines) {
    if (!known.shelf(line.itemId)) throw refuse('item_not_found', { item_id: line.itemId })
    if (!known.hasWarehouse(line.warehouseId)) throw refuse('warehouse_not_found', { warehouse_id: line.warehouseId })
    const { available, requested } = demandOf(line, order, known)
    if (isDemand(line) && requested > available) throw refuseShort(line, order, known)
  }
}

const isDemand = (line: StockLine): line is Extract<StockLine, { kind: 'issue' | 'reserve' }> =>
  (line.kind === 'issue' && !line.fromReserved) || line.kind === 'reserve'

const demandOf = (spot: Spot, order: StockOrder, known: Known): { available: number; requested: number } => {
  const lines = order.lines.filter(
    ({ itemId, warehouseId }) => itemId === spot.itemId && warehouseId === spot.warehouseId,
  )
  const stock = known.shelf(spot.itemId)?.stock
  const free = stock ? availableOf(levelIn(stock, spot.warehouseId)) : 0
  const kept = known.reservation(reservationId(order.cause, spot))?.quantity ?? 0
  const given = lines.map((line) => {
    if (line.kind === 'receive') return line.quantity
    return line.kind === 'release' ? (line.quantity ?? kept) : 0
  })
  return { available: free + sumOf(given), requested: sumOf(lines.filter(isDemand).map(({ quantity }) => quantity)) }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)

export const refuseShort = (spot: Spot, order: StockOrder, known: Known) => {
  const { available, requested } = demandOf(spot, order, known)
  return refuse('insufficient_stock', {
    item_id: spot.itemId,
    warehouse_id: spot.warehouseId,
    available,
    requested,
    shortage: requested - available,
  })
}
