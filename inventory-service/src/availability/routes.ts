import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Timestamp } from '@countinghouse/shared/http/fields'
import { readsTogether } from '@countinghouse/shared/mongo/together'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { getItem } from '../items/commands.js'
import { availableIn } from '../stock/domain/stock.js'
import { StockItemId } from '../stock/fields.js'
import { overdueIn } from '../stock/reading.js'
import { findStock } from '../stock/reading.js'
import { BANDS, bandOf } from './domain.js'

const AvailabilityView = z.object({
  item_id: StockItemId,
  name: z.string(),
  size: z.string().nullable(),
  grade: z.string().nullable(),
  unit: z.string(),
  available: z.boolean(),
  band: z.enum(BANDS).meta({ description: 'About how many there are' }),
  as_of: Timestamp,
})

const example = {
  view: {
    ...{ item_id: 'bottle-500ml-a', name: 'Bottle 500ml Grade A', size: '500ml', grade: 'A', unit: 'pcs' },
    ...{ available: true, band: '100-999', as_of: '2026-11-21T09:30:00.000Z' },
  },
}

/** Open to anyone, so it tells no number that a competitor could add up, no price and no partner. */
export const availabilityEndpoints = ({ db, now }: { db: Connection; now: () => Date }) => [
  endpoint({
    ...{ method: 'get', path: '/availability', summary: 'Read whether an item can be had', tag: 'Availability' },
    ...{ access: 'anyone', query: z.object({ item_id: StockItemId }), view: AvailabilityView, example },
    ...{ refusals: ['item_not_found'], headers: { 'cache-control': 'public, max-age=5' } },
    handle: async ({ query: { item_id } }) => {
      const reads = readsTogether(db)
      const [item, stock, kept] = await Promise.all([
        getItem(reads, item_id),
        findStock(reads, item_id),
        overdueIn(reads, [item_id], now()),
      ])
      const overdue = [...kept.values()].reduce((sum, one) => sum + one, 0)
      const quantity = stock ? availableIn(stock) + overdue : 0
      return {
        ...{ item_id, name: item.name, size: item.size, grade: item.grade, unit: item.unit },
        ...{ available: quantity > 0, band: bandOf(quantity), as_of: now().toISOString() },
      }
    },
  }),
]
