import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { MAIN_WAREHOUSE } from './domain/stock.js'
import { layers, moves, reservations, series, stocks } from './store.js'
import { warehouses } from './warehouses.js'

export const stockCollections = [stocks, layers, moves, reservations, series, warehouses]

/** The warehouse that is always there. */
export const addMainWarehouse = async (db: Connection): Promise<void> => {
  const at = new Date()
  await inTransaction(db, (tx) =>
    tx.insertIfAbsent(warehouses, {
      _id: MAIN_WAREHOUSE,
      name: 'Main warehouse',
      address: null,
      notes: null,
      isUsed: false,
      version: 1,
      createdAt: at,
      updatedAt: at,
    }),
  )
}
