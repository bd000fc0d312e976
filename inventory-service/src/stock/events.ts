import { stockChanged, stockLow, stockTurned } from '@countinghouse/shared/contracts/inventory'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { availableIn, levelIn, type ItemStock, type Posted, type Spot, type StockOrder } from './domain/stock.js'

/** What every request announces: each level that it touched, and each item that runs low, runs out or is back by it. */
export const stockEvents = (order: StockOrder, posted: Posted, currency: string): Envelope[] => {
  const touched = new Map(order.lines.map((line) => [`${line.itemId}:${line.warehouseId}`, line]))
  const changed = [...touched.values()].flatMap((spot) => {
    const stock = posted.stocks.get(spot.itemId)
    return stock ? [changedEvent(order, posted, { stock, spot, currency })] : []
  })
  return [...changed, ...posted.turned.map(turnedEvent), ...posted.wentLow.map(lowEvent)]
}

type Changed = { stock: ItemStock; spot: Spot; currency: string }

const changedEvent = (order: StockOrder, posted: Posted, { stock, spot, currency }: Changed): Envelope => {
  const { itemId, warehouseId } = spot
  const { onHand, reserved, incoming, valueMinor } = levelIn(stock, warehouseId)
  const moves = posted.moves.filter((move) => move.itemId === itemId && move.warehouseId === warehouseId)
  return newEvent(stockChanged, itemId, {
    item_id: itemId,
    warehouse_id: warehouseId,
    on_hand: onHand,
    reserved,
    incoming,
    value_minor: valueMinor,
    currency,
    cause: { ...order.cause },
    moves: moves.map((move) => ({
      move_id: move._id,
      seq: move.seq,
      type: move.type,
      quantity: move.quantity,
      value_minor: move.valueMinor,
    })),
    version: stock.version,
    effective_at: order.effectiveAt.toISOString(),
    posted_at: posted.postedAt.toISOString(),
  })
}

const turnedEvent = (stock: ItemStock): Envelope =>
  newEvent(stockTurned, stock._id, {
    ...{ item_id: stock._id, available: availableIn(stock), version: stock.version },
    at: stock.updatedAt.toISOString(),
  })

export const lowEvent = (stock: ItemStock): Envelope =>
  newEvent(stockLow, stock._id, {
    item_id: stock._id,
    available: availableIn(stock),
    threshold: stock.lowBelow ?? 0,
    at: stock.updatedAt.toISOString(),
  })
