import { countPosted } from '@countinghouse/shared/contracts/inventory'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { countedOf, type StockCount } from './domain.js'

export const toCountPosted = (count: StockCount): Envelope =>
  newEvent(countPosted, count._id, {
    ...{ stock_count_id: count._id, warehouse_id: count.warehouseId, note: count.note, currency: count.currency },
    lines: count.lines.map((line) => ({
      item_id: line.itemId,
      expected: line.expected ?? 0,
      counted: countedOf(line) ?? 0,
      value_minor: line.valueMinor ?? 0n,
    })),
    counted_by: count.countedBy ?? '',
    recounted_by: count.recountedBy,
    reviewed_by: count.reviewedBy ?? '',
    posted_by: count.postedBy ?? '',
    posted_at: count.updatedAt.toISOString(),
  })
