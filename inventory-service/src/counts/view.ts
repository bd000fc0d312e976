import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { StockItemId, WarehouseId } from '../stock/fields.js'
import {
  COUNT_STATUSES,
  countedOf,
  isDue,
  isOpenToView,
  varianceOf,
  type CountLine,
  type StockCount,
} from './domain.js'

const person = Id.nullable()
const hidden = z.number().nullable().meta({ description: 'Hidden until all is counted' })

export const CountView = z.object({
  id: Id,
  warehouse_id: WarehouseId,
  status: z.enum(COUNT_STATUSES),
  note: z.string().nullable(),
  line_items: z.array(
    z.object({
      item_id: StockItemId,
      is_due: z.boolean().meta({ description: 'Is to be counted now' }),
      expected: hidden,
      counted: hidden,
      variance: hidden,
      value: WireAmount.nullable().meta({ description: 'What the posted difference was worth' }),
    }),
  ),
  requested_by: Id,
  counted_by: person,
  recounted_by: person,
  reviewed_by: person,
  posted_by: person,
  created_at: Timestamp,
  updated_at: Timestamp,
  version: z.number(),
})

export const countExample = {
  ...{ id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a14', warehouse_id: 'main', status: 'review', note: 'November' },
  line_items: [{ item_id: 'bottle-500ml-a', is_due: false, expected: 500, counted: 498, variance: -2, value: null }],
  ...{ requested_by: 'USER-RAJ', counted_by: 'USER-ANA', recounted_by: 'USER-TOM', reviewed_by: null, posted_by: null },
  ...{ created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T11:30:00.000Z', version: 3 },
}

export const toCountView = (count: StockCount): z.input<typeof CountView> => ({
  id: count._id,
  warehouse_id: count.warehouseId,
  status: count.status,
  note: count.note,
  line_items: count.lines.map((line) => toLineView(line, count)),
  requested_by: count.requestedBy,
  counted_by: count.countedBy,
  recounted_by: count.recountedBy,
  reviewed_by: count.reviewedBy,
  posted_by: count.postedBy,
  created_at: count.createdAt.toISOString(),
  updated_at: count.updatedAt.toISOString(),
  version: count.version,
})

const toLineView = (line: CountLine, count: StockCount) => {
  const { itemId, expected, valueMinor } = line
  const shown = isOpenToView(count)
  return {
    item_id: itemId,
    is_due: isDue(line, count.status),
    expected: shown ? expected : null,
    counted: shown ? countedOf(line) : null,
    variance: shown ? varianceOf(line) : null,
    value: valueMinor === null ? null : toWireAmount(valueMinor, count.currency),
  }
}
