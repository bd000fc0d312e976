import { Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Item } from '../items/domain.js'
import { availableOf, type ItemStock, type Level, type Move } from '../stock/domain/stock.js'
import { StockItemId, WarehouseId } from '../stock/fields.js'

const amounts = {
  quantity: z.number().meta({ description: 'What can still be promised: on hand less reserved' }),
  on_hand: z.number(),
  reserved: z.number(),
  incoming: z.number(),
  value: WireAmount.meta({ description: 'What is on hand cost' }),
}

export const StockView = z.object({
  item_id: StockItemId,
  item_name: z.string(),
  unit: z.string(),
  ...amounts,
  valuation_method: z.string(),
  low_stock_threshold: z.number().nullable(),
  is_low: z.boolean(),
  warehouses: z.array(z.object({ warehouse_id: WarehouseId, ...amounts })),
  last_updated: Timestamp,
})

const exampleAmounts = { quantity: 500, on_hand: 500, reserved: 0, incoming: 0, value: 1055 }
export const stockExample = {
  ...{ item_id: 'bottle-500ml-a', item_name: 'Bottle 500ml Grade A', unit: 'pcs', ...exampleAmounts },
  ...{ valuation_method: 'fifo', low_stock_threshold: 200, is_low: false },
  warehouses: [{ warehouse_id: 'main', ...exampleAmounts }],
  last_updated: '2026-11-21T09:30:00.000Z',
}

export type Shown = {
  item: Item
  stock: ItemStock
  /** What is kept beyond its time, by item and warehouse. */
  overdue: ReadonlyMap<string, number>
  currency: string
  /** One alone, or all. */
  warehouseId?: string | undefined
}

export const toStockView = ({ item, stock, overdue, currency, warehouseId }: Shown): z.input<typeof StockView> => {
  const levels = stock.levels
    .filter((level) => warehouseId === undefined || level.warehouseId === warehouseId)
    .map((level) => withoutOverdue(level, overdue.get(`${stock._id}:${level.warehouseId}`) ?? 0))
  return {
    item_id: item._id,
    item_name: item.name,
    unit: item.unit,
    ...toAmounts(totalOf(levels), currency),
    valuation_method: stock.method,
    low_stock_threshold: stock.lowBelow,
    is_low: stock.isLow,
    warehouses: levels.map((level) => ({ warehouse_id: level.warehouseId, ...toAmounts(level, currency) })),
    last_updated: stock.updatedAt.toISOString(),
  }
}

const withoutOverdue = (level: Level, overdue: number): Level => ({ ...level, reserved: level.reserved - overdue })

type Amounts = Omit<Level, 'warehouseId'>

const totalOf = (levels: readonly Level[]): Amounts =>
  levels.reduce<Amounts>(
    (sum, level) => ({
      onHand: sum.onHand + level.onHand,
      reserved: sum.reserved + level.reserved,
      incoming: sum.incoming + level.incoming,
      valueMinor: sum.valueMinor + level.valueMinor,
    }),
    { onHand: 0, reserved: 0, incoming: 0, valueMinor: 0n },
  )

const toAmounts = (level: Amounts, currency: string) => ({
  quantity: availableOf(level),
  on_hand: level.onHand,
  reserved: level.reserved,
  incoming: level.incoming,
  value: toWireAmount(level.valueMinor, currency),
})

export const MoveView = z.object({
  id: z.string(),
  seq: z.number(),
  warehouse_id: WarehouseId,
  type: z.string(),
  quantity: z.number().meta({ description: 'Below zero for what left' }),
  value: WireAmount.meta({ description: 'At cost, with the sign of the quantity' }),
  on_hand_after: z.number(),
  cause: z.object({ kind: z.string(), id: z.string(), step: z.string() }),
  actor: z.string(),
  effective_at: Timestamp,
  posted_at: Timestamp,
})

export const moveExample = {
  ...{ id: '019aa3f0-8a10-7b3c-9e51-4c7d2a1b0e60', seq: 2, warehouse_id: 'main', type: 'issue' },
  ...{ quantity: -300, value: -633, on_hand_after: 200, actor: 'user:USER-RAJ' },
  cause: { kind: 'sale', id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11', step: 'sold' },
  ...{ effective_at: '2026-11-21T09:30:00.000Z', posted_at: '2026-11-21T09:30:00.000Z' },
}

export const toMoveView = (move: Move, currency: string): z.input<typeof MoveView> => ({
  id: move._id,
  seq: move.seq,
  warehouse_id: move.warehouseId,
  type: move.type,
  quantity: move.quantity,
  value: toWireAmount(move.valueMinor, currency),
  on_hand_after: move.onHandAfter,
  cause: { ...move.cause },
  actor: move.actor,
  effective_at: move.effectiveAt.toISOString(),
  posted_at: move.postedAt.toISOString(),
})
