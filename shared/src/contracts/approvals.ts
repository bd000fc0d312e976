import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

const SOURCE = 'inventory-service'
const approval = { approval_id: z.string(), kind: z.string() }

/** A document is too large to take effect on one person's word, and waits for others. */
export const approvalOpened = defineEvent(
  'approval.opened',
  1,
  SOURCE,
  z.object({
    ...approval,
    party: z.object({ id: z.string(), name: z.string() }).nullable(),
    amount_minor: MinorUnits,
    currency: z.string(),
    makers: z.array(z.string()),
    needed: z.number().int(),
    /** The approval whose document was changed into this one. */
    replaces: z.string().nullable(),
    opened_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  }),
)

/** It took effect, and `result` names what it made; or it never will. */
export const approvalClosed = defineEvent(
  'approval.closed',
  1,
  SOURCE,
  z.object({
    ...approval,
    outcome: z.enum(['approved', 'rejected', 'void', 'expired']),
    result: z.string().nullable(),
    decisions: z.array(
      z.object({
        by: z.string(),
        verdict: z.enum(['approve', 'reject']),
        reason: z.string().nullable(),
        at: z.iso.datetime(),
      }),
    ),
    closed_at: z.iso.datetime(),
  }),
)
