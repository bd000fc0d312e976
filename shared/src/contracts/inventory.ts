import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

const SOURCE = 'inventory-service'

/** One document step changed what lies of an item in one warehouse, or what is kept there or on its way. */
export const stockChanged = defineEvent(
  'stock.changed',
  1,
  SOURCE,
  z.object({
    item_id: z.string(),
    warehouse_id: z.string(),
    /** How the step left them. */
    on_hand: z.number().int(),
    reserved: z.number().int(),
    incoming: z.number().int(),
    value_minor: MinorUnits,
    currency: z.string(),
    /** Which document and step: `sale` and its id, for example. */
    cause: z.object({ kind: z.string(), id: z.string(), step: z.string() }),
    /** What came in (above zero) and went out, at cost; none where goods were only reserved or expected. */
    moves: z.array(
      z.object({
        move_id: z.string(),
        /** Counts the moves of an item without a gap. */
        seq: z.number().int(),
        type: z.string(),
        quantity: z.number().int(),
        value_minor: MinorUnits,
      }),
    ),
    /** Grows with every change of the item's stock. */
    version: z.number().int(),
    effective_at: z.iso.datetime(),
    posted_at: z.iso.datetime(),
  }),
)

/** What can still be promised of an item, all warehouses together, has fallen below its threshold. */
export const stockLow = defineEvent(
  'stock.low',
  1,
  SOURCE,
  z.object({
    item_id: z.string(),
    available: z.number().int(),
    threshold: z.number().int(),
    at: z.iso.datetime(),
  }),
)

/** Something of an item can be promised where nothing could before, all warehouses together, or nothing any more. */
export const stockTurned = defineEvent(
  'stock.turned',
  1,
  SOURCE,
  z.object({
    item_id: z.string(),
    available: z.number().int(),
    /** Of the item's stock, which grows with every change. */
    version: z.number().int(),
    at: z.iso.datetime(),
  }),
)

/** Book stock was brought to what is really there: by a person with a reason, or by a physical count. */
export const stockAdjusted = defineEvent(
  'stock.adjusted',
  1,
  SOURCE,
  z.object({
    /** The adjustment, or the stock count. */
    document: z.object({ kind: z.enum(['stock_adjustment', 'stock_count']), id: z.string() }),
    item_id: z.string(),
    warehouse_id: z.string(),
    delta: z.number().int(),
    value_minor: MinorUnits,
    currency: z.string(),
    reason: z.string(),
    note: z.string().nullable(),
    adjusted_by: z.string(),
    adjusted_at: z.iso.datetime(),
  }),
)

/** A physical count was brought into the books: of every item that was counted, what was expected and what was there. */
export const countPosted = defineEvent(
  'count.posted',
  1,
  SOURCE,
  z.object({
    stock_count_id: z.string(),
    warehouse_id: z.string(),
    note: z.string().nullable(),
    lines: z.array(
      z.object({
        item_id: z.string(),
        /** What the books said at the moment of the last count. */
        expected: z.number().int(),
        counted: z.number().int(),
        /** What the difference was worth, below zero for what is gone. */
        value_minor: MinorUnits,
      }),
    ),
    currency: z.string(),
    counted_by: z.string(),
    recounted_by: z.string().nullable(),
    reviewed_by: z.string(),
    posted_by: z.string(),
    posted_at: z.iso.datetime(),
  }),
)
