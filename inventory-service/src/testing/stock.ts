import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { MAIN_WAREHOUSE, type StockLine, type ValuationMethod } from '../stock/domain/stock.js'
import type { StockRequest } from '../stock/group.js'
import { addMainWarehouse, stockCollections } from '../stock/migration.js'
import { openStock } from '../stock/terms.js'
import { warehouses } from '../stock/warehouses.js'

/** A database with an empty stock. */
export const freshStock = async (): Promise<{ db: Connection; close(): Promise<void> }> => {
  const database = await freshDatabase(...stockCollections)
  await addMainWarehouse(database.db)
  return database
}

export const addItems = async (db: Connection, ids: readonly string[], method: ValuationMethod = 'fifo') =>
  inTransaction(db, async (tx) => {
    for (const itemId of ids) await openStock(tx, { itemId, method, lowBelow: null }, new Date())
  })

export const addWarehouse = (db: Connection, id: string) =>
  inTransaction(db, async (tx) => {
    const main = await tx.findOne(warehouses, { _id: MAIN_WAREHOUSE })
    if (main) await tx.insert(warehouses, { ...main, _id: id, isUsed: false })
  })

type At = { itemId: string; quantity: number; warehouseId?: string }

export const receipt = ({ itemId, quantity, warehouseId = MAIN_WAREHOUSE }: At, valueMinor = 0n): StockLine => ({
  ...{ kind: 'receive', type: 'receipt', itemId, warehouseId, quantity, valueMinor },
})

export const issue = ({ itemId, quantity, warehouseId = MAIN_WAREHOUSE }: At): StockLine => ({
  ...{ kind: 'issue', type: 'issue', itemId, warehouseId, quantity },
})

/** A step of a document of its own, unless a cause is given. */
export const step = (lines: readonly StockLine[], more: Partial<StockRequest> = {}): StockRequest => ({
  cause: { kind: 'test', id: uuidv7(), step: 'done' },
  actor: 'user:test',
  effectiveAt: new Date(),
  lines,
  ...more,
})
