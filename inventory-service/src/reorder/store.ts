import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { native, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { moves } from '../stock/store.js'
import { SUGGESTION_STATUSES, type Suggestion } from './domain.js'

const count = { type: Number, required: true }

export const suggestions = defineCollection<Suggestion>(
  'reorder_suggestions',
  {
    itemId: { type: String, required: true },
    warehouseId: { type: String, required: true },
    quantity: count,
    reorderPoint: count,
    projected: count,
    demandPerDay: count,
    supplierId: String,
    status: { type: String, enum: SUGGESTION_STATUSES, required: true },
    purchaseNumber: String,
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
    version: count,
  },
  {
    indexes: [
      {
        fields: { itemId: 1, warehouseId: 1 },
        options: { unique: true, partialFilterExpression: { status: 'open' } },
      },
      { fields: { status: 1, createdAt: -1, _id: -1 } },
      { fields: { itemId: 1, status: 1 } },
    ],
  },
)

export const findSuggestion = (reads: Reads, id: string) => reads.findOne(suggestions, { _id: id })

export const findOpen = (reads: Reads, itemId: string, warehouseId: string) =>
  reads.findOne(suggestions, { itemId, warehouseId, status: 'open' })

export const findAccepted = (reads: Reads, itemId: string, warehouseId: string): Promise<Suggestion[]> =>
  reads.find(suggestions, { itemId, warehouseId, status: 'accepted' }, { sort: { _id: -1 }, limit: 20 })

/** Somebody else has taken a step with this suggestion since it was read. */
export class SuggestionChanged extends Error {}

export const suggestionUpdate = (before: Suggestion, { _id, ...after }: Suggestion): CompanionWrite => ({
  kind: 'update',
  into: suggestions,
  filter: { _id, version: before.version },
  update: { $set: after },
  otherwise: () => new SuggestionChanged(),
})

type Asked = { status: Suggestion['status']; page: number; page_size: number }

export const listSuggestions = async (reads: Reads, { status, ...at }: Asked): Promise<Page<Suggestion>> => {
  const found = await reads.find(suggestions, { status }, { sort: { createdAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(suggestions, { status }), at)
}

type Since = { itemId: string; warehouseId: string; since: Date; dayOf: (instant: Date) => string }

/** What was sold or used up of an item since a moment, by business day. */
export const demandSince = async (db: Connection, { itemId, warehouseId, since, dayOf }: Since): Promise<number[]> => {
  const perDay = new Map<string, number>()
  const rows = native(db, moves)
    .find({ itemId, warehouseId })
    .project<{ type: string; quantity: number; postedAt: Date }>({ type: 1, quantity: 1, postedAt: 1 })
    .sort({ seq: -1 })
  for await (const { type, quantity, postedAt } of rows) {
    if (postedAt < since) break
    if (type !== 'issue' && type !== 'consume') continue
    const day = dayOf(postedAt)
    perDay.set(day, (perDay.get(day) ?? 0) - quantity)
  }
  return [...perDay.values()]
}
