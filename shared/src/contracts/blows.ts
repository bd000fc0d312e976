import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

const run = {
  blow_id: z.string(),
  from_item_id: z.string(),
  to_item_id: z.string(),
  warehouse_id: z.string(),
  /** Preforms that went in, and good bottles that came out. */
  input_quantity: z.number().int(),
  quantity: z.number().int(),
  currency: z.string(),
  /** What the preforms cost, what blowing cost, and what of both the bottles do not bear. */
  material_cost_minor: MinorUnits,
  blow_cost_minor: MinorUnits,
  variance_minor: MinorUnits,
  /** What the bottles are worth in stock, all together. */
  produced_cost_minor: MinorUnits,
  created_by: z.string(),
  day: z.iso.date(),
  version: z.number().int(),
  occurred_at: z.iso.datetime(),
}

/** Preforms were blown into bottles. */
export const blowCompleted = defineEvent('blow.completed', 1, 'inventory-service', z.object(run))

/** The run was taken back while all its bottles were still there. */
export const blowReversed = defineEvent(
  'blow.reversed',
  1,
  'inventory-service',
  z.object({ ...run, reason: z.string() }),
)
