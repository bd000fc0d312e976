import { z } from 'zod'
import { answerOf } from '../idempotency.js'
import { Settled } from './endpoint.js'

/** The query of a costly act that may be tried without effect. */
export const dryRunQuery = {
  dry_run: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Answers what would happen, and does nothing' }),
}

/** The answer of a dry run; it is stored under no key. */
export const rehearsed = (schema: z.ZodType, view: object): Settled =>
  new Settled(answerOf(200, schema.parse({ ...view, dry_run: true })), false)
