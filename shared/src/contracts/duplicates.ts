import { z } from 'zod'
import { defineEvent } from '../messaging/event.js'

/** Somebody looked into entries that look alike: they are several after all, or one of them was taken back. */
export const duplicateResolved = defineEvent(
  'duplicate.resolved',
  1,
  'inventory-service',
  z.object({
    finding_id: z.string(),
    kind: z.enum(['sale', 'sale_payment', 'purchase', 'purchase_payment', 'customer', 'supplier']),
    outcome: z.enum(['dismissed', 'removed']),
    ids: z.array(z.string()),
    removed: z.string().nullable(),
    reason: z.string(),
    by: z.string(),
    resolved_at: z.iso.datetime(),
  }),
)
