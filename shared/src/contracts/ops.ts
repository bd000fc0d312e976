import { z } from 'zod'
import { defineEvent } from '../messaging/event.js'

/** An operator decided about a dead letter, and why. */
export const deadLetterSettled = defineEvent(
  'ops.dead-letter-settled',
  1,
  'wallet-service',
  z.object({
    dead_letter_id: z.string(),
    queue: z.string(),
    type: z.string(),
    status: z.enum(['redriven', 'discarded']),
    note: z.string().nullable(),
  }),
)

/** The same event as another service sends it. */
export const deadLetterSettledBy = (source: string): typeof deadLetterSettled => ({ ...deadLetterSettled, source })
