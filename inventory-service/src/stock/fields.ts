import { z } from 'zod'
import { MAIN_WAREHOUSE } from './domain/stock.js'

/** What routes ask for about stock. */
const StockId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'use letters, digits, dots, dashes and underscores')

export const WarehouseId = StockId.meta({ example: MAIN_WAREHOUSE })
export const StockItemId = StockId.meta({ example: 'bottle-500ml-a' })
export const warehouseQuery = { warehouse_id: WarehouseId.optional() }
export const InWarehouse = WarehouseId.default(MAIN_WAREHOUSE)

export const QUANTITY_MAX = 1_000_000_000
/** A count of an item's units, above zero. */
export const Quantity = z.number().int().positive().max(QUANTITY_MAX)
