import { z } from 'zod'
import { defineEvent } from '../messaging/event.js'

const Read = z.object({
  at: z.iso.datetime(),
  actor: z.string(),
  role: z.string(),
  /** As it is defined: `GET /loans/:id`. */
  route: z.string(),
  data: z.enum(['personal', 'financial']),
  entity_kind: z.string(),
  /** Null for a list. */
  entity_id: z.string().nullable(),
  /** What was in a list, as far as it says. */
  found: z.array(z.string()),
  customer_ids: z.array(z.string()),
  /** What was asked for, beside the path. */
  query: z.record(z.string(), z.unknown()),
  purpose: z.string().nullable(),
  request_id: z.string(),
})

export type Read = z.infer<typeof Read>

/** Personal or financial data were read by somebody else than their owner. */
export const dataRead = defineEvent('audit.read', 1, 'wallet-service', z.object({ reads: z.array(Read).min(1) }))

/** The same event as another service sends it. */
export const dataReadAt = (source: string): typeof dataRead => ({ ...dataRead, source })
