import type { Connection } from 'mongoose'
import { z } from 'zod'
import { actorOf, type Caller } from '../http/caller.js'
import { endpoint, type Access } from '../http/endpoint.js'
import { Timestamp } from '../http/fields.js'
import { readsOn, type Reads } from '../mongo/transaction.js'
import { refuse } from '../refusal.js'
import { findJob, jobs, type Job } from './store.js'

export type Deps = { db: Connection; now: () => Date }

export const JobView = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  progress: z.object({ done: z.number(), total: z.number().nullable() }),
  result: z.unknown(),
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  created_at: Timestamp,
  started_at: Timestamp.nullable(),
  finished_at: Timestamp.nullable(),
})

export const jobExample = {
  id: 'wallet.0199a3c1-5b7e-7c3a-9d52-3f0c8e6b1a24',
  kind: 'wallet.account-sync',
  status: 'running',
  progress: { done: 3, total: 4 },
  result: null,
  error: null,
  created_at: '2026-11-21T09:30:00.000Z',
  started_at: '2026-11-21T09:30:00.400Z',
  finished_at: null,
}

const everyone: Access = ['customer', 'vendor', 'viewer', 'staff', 'admin', 'service']
const params = z.object({ id: z.string().max(100) })

/** What a job came to, read by its owner and the administrators; also under another path, for a kind that has its own. */
export const jobReadEndpoint = ({ db }: Pick<Deps, 'db'>, path: `/${string}/:id` = '/jobs/:id') =>
  endpoint({
    ...{ method: 'get', path, summary: 'How far a background job is, and what came of it', tag: 'Jobs' },
    access: everyone,
    params,
    view: JobView,
    refusals: ['job_not_found'],
    example: { view: jobExample },
    handle: async ({ params: { id }, caller }) => toJobView(await getJob(readsOn(db), id, caller)),
  })

export const jobEndpoints = ({ db, now }: Deps) => [
  jobReadEndpoint({ db }),
  endpoint({
    ...{ method: 'post', path: '/jobs/:id/cancel', summary: 'End a background job before it is done', tag: 'Jobs' },
    access: everyone,
    params,
    view: JobView,
    refusals: ['job_not_found', 'job_finished'],
    example: { view: { ...jobExample, status: 'cancelled', finished_at: '2026-11-21T09:31:00.000Z' } },
    handle: ({ params: { id }, caller, once }) =>
      once(async (tx) => {
        const job = await getJob(tx, id, caller)
        if (job.status === 'cancelled') return toJobView(job)
        if (job.finishedAt) throw refuse('job_finished', { job_status: job.status })
        const ended = { status: 'cancelled', finishedAt: now(), claimableAt: null } as const
        await tx.update(jobs, { _id: id }, { $set: ended })
        return toJobView({ ...job, ...ended })
      }),
  }),
]

const getJob = async (reads: Reads, id: string, caller: Caller): Promise<Job> => {
  const job = await findJob(reads, id)
  const isAdmin = caller.kind === 'user' && caller.role === 'admin'
  if (!job || (!isAdmin && job.owner !== actorOf(caller))) throw refuse('job_not_found', { job_id: id })
  return job
}

/** The job as its owner sees it, also as the 202 of the request that started it. */
export const toJobView = (job: Job) => ({
  id: job._id,
  kind: job.kind,
  status: job.status,
  progress: { done: job.done, total: job.total },
  result: job.result,
  error: job.error,
  created_at: job.createdAt.toISOString(),
  started_at: job.startedAt?.toISOString() ?? null,
  finished_at: job.finishedAt?.toISOString() ?? null,
})
