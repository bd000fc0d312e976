import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { counter, fromZero, gauge, histogram } from '../metrics.js'
import type { Tx } from '../mongo/transaction.js'
import { Refusal } from '../refusal.js'
import { repeat, repeatInLanes } from '../repeat.js'
import type { Background } from '../service.js'
import { claimJob, countClaimable, heldBy, holdJob, jobs, settleJob, type Job, type JobError } from './store.js'

/** A kind of job that a service can do. */
export type JobKind = {
  /** `wallet.account-sync`. */
  readonly name: string
  readonly attemptsMax?: number
  /**
   * Does the job from its checkpoint on, at least once: a worker that dies is followed by another. What it answers is the
   * job's result. A refusal fails the job at once, anything else that is thrown is tried again, a `TryLater` when it says.
   */
  run(job: JobRun): Promise<unknown>
}

export type Progress = { done: number; total?: number; checkpoint?: unknown }

export type JobRun = Pick<Job, '_id' | 'owner' | 'input' | 'checkpoint' | 'done' | 'total'> & {
  /** Says that nobody waits for the rest: the job was cancelled, or the process stops. */
  readonly signal: AbortSignal
  /**
   * Tells how far it is. In the transaction of a step's effect, both happen or neither, so that no step is done twice.
   * Throws when the job is no longer this worker's.
   */
  progress(tx: Tx, progress: Progress): Promise<void>
}

export type WorkerDeps = { db: Connection; kinds: readonly JobKind[]; log: Log; now: () => Date; leaseMs?: number }

const LOOK_EVERY_MS = 500
const COUNT_EVERY_MS = 5_000
const LEASE_MS = 30_000
const AT_ONCE = 2
const ATTEMPTS_MAX = 5
const GAPS_MS = [1_000, 10_000, 60_000, 300_000]

const outcomes = counter('jobs_total', 'Attempts at a background job, by how they ended', ['kind', 'outcome'])
const waiting = gauge('jobs_waiting', 'Jobs that a worker could have and none has', ['kind'])
const duration = histogram('job_duration_seconds', 'From the first attempt to the end of a job', [1, 5, 15, 60, 300, 1800], ['kind']) // prettier-ignore

/** Shows the outcomes of these kinds before there is one, so that the first failure is seen. */
export const countFromZero = (kinds: readonly JobKind[]): void => {
  fromZero(outcomes, { kind: kinds.map(({ name }) => name), outcome: ['succeeded', 'failed', 'retried'] })
}

/** Thrown for what may go well later; if it was the last attempt, the job fails with the refusal. */
export class TryLater extends Error {
  constructor(
    readonly refusal: Refusal,
    readonly afterMs?: number,
  ) {
    super(refusal.message)
  }
}

/** The job was cancelled, was taken by another worker, or the process stops. */
class JobLost extends Error {}

/** Works on the jobs of a service, a few at once, beside the other replicas. */
export const startJobWorker = (deps: WorkerDeps): Background => {
  countFromZero(deps.kinds)
  const working = repeatInLanes({
    ...{ everyMs: LOOK_EVERY_MS, atOnce: AT_ONCE, log: deps.log },
    take: () => takeNext(deps),
    work: (taken, signal) => workOn(deps, taken, signal),
    failure: 'Jobs could not be looked for; trying again',
  })
  const counting = repeat({
    ...{ everyMs: COUNT_EVERY_MS, work: () => countWaiting(deps), log: deps.log },
    failure: 'The jobs that wait could not be counted',
  })
  return { stop: async () => void (await Promise.all([working, counting].map((one) => one.stop()))) }
}

const countWaiting = async ({ db, kinds, now }: WorkerDeps): Promise<void> => {
  for (const { name } of kinds) waiting.set({ kind: name }, await countClaimable(db, name, now()))
}

/** Does one attempt at the next job, or at the one named; false when there is none to be taken. */
export const workOnce = async (deps: WorkerDeps, stopping: AbortSignal, id?: string): Promise<boolean> => {
  const taken = await takeNext(deps, id)
  if (taken) await workOn(deps, taken, stopping)
  return taken !== undefined
}

type Taken = { job: Job; kind: JobKind }

const takeNext = async (deps: WorkerDeps, id?: string): Promise<Taken | undefined> => {
  const { db, kinds, now, leaseMs = LEASE_MS } = deps
  const names = kinds.map(({ name }) => name)
  const job = await claimJob(db, names, { leaseMs, now: now(), id })
  const kind = kinds.find(({ name }) => name === job?.kind)
  return job && kind && { job, kind }
}

const workOn = async (deps: WorkerDeps, { job, kind }: Taken, stopping: AbortSignal): Promise<void> => {
  const { db, leaseMs = LEASE_MS } = deps
  const lost = new AbortController()
  const signal = AbortSignal.any([stopping, lost.signal])
  const heartbeat = setInterval(() => {
    holdJob(db, job, leaseMs).then(
      (held) => held || lost.abort(),
      () => undefined,
    )
  }, leaseMs / 3)
  try {
    await attempt(deps, { job, kind, signal })
  } finally {
    clearInterval(heartbeat)
  }
}

type Attempt = Taken & { signal: AbortSignal }

const attempt = async (deps: WorkerDeps, { job, kind, signal }: Attempt): Promise<void> => {
  try {
    assertNotEndless(job, kind)
    const result = await kind.run(toRun(job, signal))
    await end(deps, job, { status: 'succeeded', result: result ?? null })
  } catch (error) {
    await settleFailure(deps, { job, kind, signal }, error)
  }
}

// A job that kills its worker comes back without a failure of its own; it must come to an end as well.
const assertNotEndless = ({ attempts }: Job, { attemptsMax = ATTEMPTS_MAX }: JobKind): void => {
  if (attempts > attemptsMax) throw new Error('The job was begun again and again, and never came to an end')
}

const toRun = (job: Job, signal: AbortSignal): JobRun => {
  const { _id, owner, input, checkpoint, done, total } = job
  return {
    ...{ _id, owner, input, checkpoint, done, total, signal },
    progress: async (tx, progress) => {
      signal.throwIfAborted()
      if ((await tx.update(jobs, heldBy(job), { $set: progress })) === 0) throw new JobLost()
    },
  }
}

const settleFailure = async (deps: WorkerDeps, { job, kind, signal }: Attempt, error: unknown): Promise<void> => {
  const { db, log, now } = deps
  const facts = { job: job._id, kind: job.kind, attempts: job.attempts }
  if (error instanceof JobLost || signal.aborted) {
    // Still this worker's: the process stops, so another may have it at once.
    const released = await settleJob(db, job, { status: 'queued', claimableAt: now(), attempts: job.attempts - 1 })
    outcomes.inc({ kind: job.kind, outcome: released ? 'released' : 'lost' })
    return
  }
  if (error instanceof Refusal || job.attempts >= (kind.attemptsMax ?? ATTEMPTS_MAX)) {
    log.warn({ err: error, ...facts }, 'A job failed')
    return end(deps, job, { status: 'failed', error: toJobError(error) })
  }
  log.warn({ err: error, ...facts }, 'A job failed and is tried again')
  outcomes.inc({ kind: job.kind, outcome: 'retried' })
  const gapMs =
    (error instanceof TryLater && error.afterMs) || (GAPS_MS[Math.min(job.attempts, GAPS_MS.length) - 1] ?? 0)
  await settleJob(db, job, { status: 'queued', claimableAt: new Date(now().getTime() + gapMs) })
}

const end = async ({ db, now }: WorkerDeps, job: Job, fields: Partial<Job>): Promise<void> => {
  const finishedAt = now()
  const mine = await settleJob(db, job, { ...fields, finishedAt, claimableAt: null })
  outcomes.inc({ kind: job.kind, outcome: mine ? (fields.status ?? '') : 'lost' })
  if (mine && job.startedAt)
    duration.observe({ kind: job.kind }, (finishedAt.getTime() - job.startedAt.getTime()) / 1000)
}

// What a fault says is for the log alone.
const toJobError = (error: unknown): JobError => {
  const refusal = error instanceof TryLater ? error.refusal : error
  return refusal instanceof Refusal
    ? { code: refusal.code, detail: refusal.message }
    : { code: 'internal_error', detail: 'Internal Server Error' }
}
