import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { refuse } from '../errors.js'
import { MAIN_WAREHOUSE } from '../stock/domain/stock.js'
import { warehouses, type Warehouse } from '../stock/warehouses.js'

export type WarehouseFields = Pick<Warehouse, 'name' | 'address' | 'notes'>

export const addWarehouse = async (tx: Tx, id: string, fields: WarehouseFields, now: Date): Promise<Warehouse> => {
  const warehouse = { _id: id, ...fields, isUsed: false, version: 1, createdAt: now, updatedAt: now }
  if (!(await tx.insertIfAbsent(warehouses, warehouse))) throw refuse('warehouse_exists', { warehouse_id: id })
  return warehouse
}

export const getWarehouse = async (reads: Reads, id: string): Promise<Warehouse> => {
  const warehouse = await reads.findOne(warehouses, { _id: id })
  if (!warehouse) throw refuse('warehouse_not_found', { warehouse_id: id })
  return warehouse
}

export type WarehouseChange = { id: string; changes: Partial<WarehouseFields>; ifMatch: number | undefined }

export const editWarehouse = async (
  tx: Tx,
  { id, changes, ifMatch }: WarehouseChange,
  now: Date,
): Promise<Warehouse> => {
  const before = await getWarehouse(tx, id)
  if (ifMatch !== undefined && ifMatch !== before.version) throw refuseCommon('version_conflict')
  const after = { ...before, ...changes, version: before.version + 1, updatedAt: now }
  await tx.replace(warehouses, after)
  return after
}

/** Where goods have been, their history stays. */
export const deleteWarehouse = async (tx: Tx, id: string): Promise<void> => {
  const { isUsed } = await getWarehouse(tx, id)
  if (isUsed || id === MAIN_WAREHOUSE) throw refuse('warehouse_in_use', { warehouse_id: id })
  await tx.remove(warehouses, { _id: id })
}
