import type { UserCaller } from '@countinghouse/shared/http/caller'
import { Settled } from '@countinghouse/shared/http/endpoint'
import { answerOf } from '@countinghouse/shared/idempotency'
import { z } from 'zod'

/** Who asks for documents; staff have their own alone. */
export type Asker = { userId: string; seesAll: boolean }

/** Admins and viewers see all. */
export const askerOf = ({ userId, role }: UserCaller): Asker => ({ userId, seesAll: role !== 'staff' })

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
