import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { ADJUSTMENT_REASONS, type Adjustment } from './domain.js'

export const adjustments = defineCollection<Adjustment>(
  'stock_adjustments',
  {
    itemId: { type: String, required: true },
    warehouseId: { type: String, required: true },
    delta: { type: Number, required: true },
    reason: { type: String, enum: ADJUSTMENT_REASONS, required: true },
    note: String,
    valueMinor: { type: BigInt, required: true },
    onHandAfter: { type: Number, required: true },
    currency: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { createdAt: -1, _id: -1 } }, { fields: { itemId: 1, createdAt: -1, _id: -1 } }] },
)

export const adjustmentInsertion = (adjustment: Adjustment): CompanionWrite =>
  insertion(adjustments, adjustment, () => new Error(`${adjustment._id} exists`))

type Asked = { item_id?: string | undefined; page: number; page_size: number }

export const listAdjustments = async (reads: Reads, { item_id, ...at }: Asked): Promise<Page<Adjustment>> => {
  const filter = item_id === undefined ? {} : { itemId: item_id }
  const found = await reads.find(adjustments, filter, { sort: { createdAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(adjustments, filter), at)
}
