import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'

/** A place where goods lie. Its id is chosen by people (`main`) and never changes. */
export type Warehouse = {
  _id: string
  name: string
  address: string | null
  notes: string | null
  /** Goods have been here, so that it stays. */
  isUsed: boolean
  version: number
  createdAt: Date
  updatedAt: Date
}

export const warehouses = defineCollection<Warehouse>('warehouses', {
  name: { type: String, required: true },
  address: String,
  notes: String,
  isUsed: { type: Boolean, required: true },
  version: { type: Number, required: true },
  createdAt: { type: Date, required: true },
  updatedAt: { type: Date, required: true },
})

export const findWarehouseIds = async (reads: Reads, ids: readonly string[]): Promise<string[]> =>
  (await reads.find(warehouses, { _id: { $in: [...ids] } })).map(({ _id }) => _id)

/** Notes that goods are kept there from now on; false when there is no such warehouse (any more). */
export const useWarehouse = async (tx: Tx, id: string): Promise<boolean> =>
  (await tx.update(warehouses, { _id: id }, { $set: { isUsed: true } })) === 1
