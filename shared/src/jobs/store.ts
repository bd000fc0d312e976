import { isDueBy, where } from '../mongo/partial.js'
import type { Connection } from 'mongoose'
import { defineCollection } from '../mongo/collection.js'
import { native, readsOn, type Reads, type Tx } from '../mongo/transaction.js'
import { uuidv7 } from '../uuid.js'

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'
export type JobError = { code: string; detail: string }

/** Work that goes on after its request was answered. */
export type Job = {
  _id: string
  /** `wallet.account-sync`: the service and what is done. */
  kind: string
  /** The actor who may read and cancel it, beside the administrators. */
  owner: string
  status: JobStatus
  input: unknown
  done: number
  total: number | null
  /** Where a next attempt goes on. */
  checkpoint: unknown
  result: unknown
  error: JobError | null
  attempts: number
  /** Grows with every claim: what an earlier worker still writes does not count. */
  fence: number
  /** From when a worker may take it; null once it is finished. */
  claimableAt: Date | null
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

const KEPT_FOR_SECONDS = 30 * 24 * 3600

export const jobs = defineCollection<Job>(
  'jobs',
  {
    kind: { type: String, required: true },
    owner: { type: String, required: true },
    status: { type: String, required: true },
    input: { type: Object },
    done: { type: Number, required: true },
    total: { type: Number },
    checkpoint: {},
    result: {},
    error: { type: Object },
    attempts: { type: Number, required: true },
    fence: { type: Number, required: true },
    claimableAt: { type: Date },
    createdAt: { type: Date, required: true },
    startedAt: { type: Date },
    finishedAt: { type: Date },
  },
  {
    indexes: [
      {
        fields: { claimableAt: 1 },
        options: { name: 'open', ...where('claimableAt', 'date') },
      },
      { fields: { finishedAt: 1 }, options: { expireAfterSeconds: KEPT_FOR_SECONDS } },
    ],
  },
)

export type NewJob = { kind: string; owner: string; input?: unknown; total?: number; now: Date }

/** Starts a job if, and only if, this transaction commits. */
export const startJob = async (tx: Tx, { kind, owner, input = null, total, now }: NewJob): Promise<Job> => {
  const job: Job = {
    _id: `${serviceOf(kind)}.${uuidv7(now.getTime())}`,
    ...{ kind, owner, input, status: 'queued', done: 0, total: total ?? null, checkpoint: null, result: null },
    ...{ error: null, attempts: 0, fence: 0, claimableAt: now, createdAt: now, startedAt: null, finishedAt: null },
  }
  await tx.insert(jobs, job)
  return job
}

/** `wallet.account-sync` and `wallet.0199…` are of `wallet`. */
export const serviceOf = (name: string): string => name.split('.', 1)[0] ?? ''

export const findJob = (reads: Reads, id: string): Promise<Job | undefined> => reads.findOne(jobs, { _id: id })

/** Takes the next job that nobody works on, or the one named, by the database's clock; its lease runs out unless it is held. */
export const claimJob = async (
  db: Connection,
  kinds: readonly string[],
  { leaseMs, now, id }: { leaseMs: number; now: Date; id?: string | undefined },
): Promise<Job | undefined> => {
  const claimed = await native(db, jobs).findOneAndUpdate(
    {
      ...(id !== undefined && { _id: id }),
      kind: { $in: [...kinds] },
      claimableAt: { $type: 'date' },
      $expr: { $lte: ['$claimableAt', '$$NOW'] },
    },
    [
      {
        $set: {
          status: 'running',
          claimableAt: { $add: ['$$NOW', leaseMs] },
          attempts: { $add: ['$attempts', 1] },
          fence: { $add: ['$fence', 1] },
          startedAt: { $ifNull: ['$startedAt', now] },
        },
      },
    ],
    { sort: { claimableAt: 1 }, returnDocument: 'after' },
  )
  return claimed ?? undefined
}

/** Jobs of a kind that a worker could have taken for a while, the longest waiting first. */
export const findWaiting = (db: Connection, kind: string, before: Date, limit: number): Promise<Job[]> =>
  readsOn(db).find(jobs, { kind, claimableAt: isDueBy(before) }, { sort: { claimableAt: 1 }, limit })

/** How many jobs of a kind a worker could have. */
export const countClaimable = (db: Connection, kind: string, now: Date): Promise<number> =>
  readsOn(db).count(jobs, { kind, claimableAt: isDueBy(now) })

/** Of a claim: what is written counts as long as the job is still this worker's. */
export const heldBy = ({ _id, fence }: Job) => ({ _id, fence, status: 'running' as const })

/** Keeps a claimed job; false when it was cancelled, or taken by another worker. */
export const holdJob = async (db: Connection, job: Job, leaseMs: number): Promise<boolean> => {
  const longer = [{ $set: { claimableAt: { $add: ['$$NOW', leaseMs] } } }]
  return (await native(db, jobs).updateOne(heldBy(job), longer)).matchedCount === 1
}

/** Writes what became of a claimed job; false when it is no longer this worker's. */
export const settleJob = async (db: Connection, job: Job, fields: Partial<Job>): Promise<boolean> =>
  (await native(db, jobs).updateOne(heldBy(job), { $set: fields })).matchedCount === 1
