import { Day, Id, Timestamp, WireAmount, text } from '@countinghouse/shared/http/fields'
import { JobView, jobExample, toJobView } from '@countinghouse/shared/jobs/routes'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { Started } from './commands/links.js'
import { LINK_STATUSES, SYNC_OUTCOMES, type AccountLink, type LinkSync } from './domain/link.js'
import type { AccountMovement } from './domain/movements.js'

export const CredentialsBody = z.strictObject({ username: text(200), password: z.string().min(1).max(200) })
export const LinkBody = CredentialsBody.extend({ institution: text(100) })

export const LinkView = z.object({
  id: Id,
  user_id: Id,
  institution: z.string(),
  status: z.enum(LINK_STATUSES),
  job_id: z.string().nullable().meta({ description: 'The job that syncs it, or did last' }),
  last_synced_at: Timestamp.nullable(),
  created_at: Timestamp,
})
export const StartedView = LinkView.extend({ job: JobView })

export const SyncView = z.object({
  id: Id,
  job_id: z.string(),
  outcome: z.enum(SYNC_OUTCOMES),
  accounts: z.number().int(),
  added: z.number().int(),
  modified: z.number().int(),
  removed: z.number().int(),
  started_at: Timestamp,
  finished_at: Timestamp,
})

export const MovementView = z.object({
  id: z.string(),
  date: Day,
  amount: WireAmount,
  currency: z.string(),
  description: z.string(),
  pending: z.boolean(),
  category: z.string(),
  note: z.string().nullable(),
})
export const MovementChange = z.strictObject({
  category: text(60).nullable().optional().meta({ description: 'Null for the one that the institution gave it' }),
  note: text(500).nullable().optional(),
})

const link = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a41',
  user_id: 'user123',
  institution: 'sandbox',
  status: 'ok',
  job_id: jobExample.id,
  last_synced_at: '2026-11-21T09:30:02.000Z',
  created_at: '2026-11-20T08:00:00.000Z',
}
const movement = {
  id: `${link.id}:t-1042`,
  date: '2026-11-20',
  amount: -12.5,
  currency: 'USD',
  description: 'CORNER COFFEE',
  pending: false,
  category: 'restaurants',
  note: null,
}
const credentials = { username: 'user_good', password: 'pass_good' }
const started = { ...link, job: jobExample }

export const examples = {
  links: { view: [link] },
  connect: { body: { institution: 'sandbox', ...credentials }, view: started },
  reconnect: { body: credentials, view: started },
  syncs: {
    view: [
      { id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a42', job_id: jobExample.id, outcome: 'succeeded', accounts: 3, added: 40, modified: 2, removed: 1, started_at: '2026-11-21T09:30:00.400Z', finished_at: '2026-11-21T09:30:02.000Z' }, // prettier-ignore
    ],
  },
  sync: { view: { ...jobExample, status: 'queued', progress: { done: 0, total: 1 }, started_at: null } },
  movements: { view: [movement] },
  edit: { body: { note: 'with Ben' }, view: { ...movement, note: 'with Ben' } },
}

export const toLinkView = ({ _id, userId, institution, status, jobId, lastSyncedAt, createdAt }: AccountLink) => ({
  id: _id,
  user_id: userId,
  institution,
  status,
  job_id: jobId,
  last_synced_at: lastSyncedAt?.toISOString() ?? null,
  created_at: createdAt.toISOString(),
})

export const toStartedView = ({ link: connected, job }: Started) => ({ ...toLinkView(connected), job: toJobView(job) })

export const toSyncView = ({ _id, jobId, startedAt, finishedAt, ...sync }: LinkSync) => ({
  ...sync,
  id: _id,
  job_id: jobId,
  started_at: startedAt.toISOString(),
  finished_at: finishedAt.toISOString(),
})

export const toMovementView = (one: AccountMovement) => ({
  id: one._id,
  date: one.day,
  amount: toWireAmount(one.amountMinor, one.currency),
  currency: one.currency,
  description: one.description,
  pending: one.isPending,
  category: one.edits.category ?? one.category,
  note: one.edits.note,
})
