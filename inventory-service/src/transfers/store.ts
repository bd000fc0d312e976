import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import type { Transfer } from './domain.js'

const line = new Schema(
  {
    itemId: { type: String, required: true },
    quantity: { type: Number, required: true },
    valueMinor: { type: BigInt, required: true },
  },
  { _id: false },
)

export const transfers = defineCollection<Transfer>(
  'stock_transfers',
  {
    fromWarehouseId: { type: String, required: true },
    toWarehouseId: { type: String, required: true },
    lines: { type: [line], required: true },
    currency: { type: String, required: true },
    note: String,
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { createdAt: -1, _id: -1 } }] },
)

export const transferInsertion = (transfer: Transfer): CompanionWrite =>
  insertion(transfers, transfer, () => new Error(`${transfer._id} exists`))

export const listTransfers = async (reads: Reads, at: { page: number; page_size: number }): Promise<Page<Transfer>> => {
  const found = await reads.find(transfers, {}, { sort: { createdAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(transfers, {}), at)
}
