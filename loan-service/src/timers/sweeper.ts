import type { Log } from '@countinghouse/shared/log'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import { Refusal } from '@countinghouse/shared/refusal'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'

const LEASE_TTL_MS = 30_000
const BATCH_MAX = 100

/** Finds what has to move on by now, and moves each on by itself. */
export type Sweep = (now: Date, limit: number) => Promise<(() => Promise<unknown>)[]>

export type Deps = { db: Connection; now: () => Date; log: Log; everyMs: number; lease: string; sweeps: Sweep[] }

/**
 * Moves on what has waited long enough. The clocks stand in what waits, so a stopped process loses none; of the replicas
 * the one with the lease works, and two at once would find that nothing is saved over a version that they did not read.
 */
export const startSweeper = (deps: Deps): Background =>
  sweepUnderLease({
    ...{ db: deps.db, lease: { name: deps.lease, ttlMs: LEASE_TTL_MS }, everyMs: deps.everyMs, log: deps.log },
    work: () => sweepAll(deps),
    failure: 'Some loans could not be moved on; trying again',
  })

const sweepAll = async ({ now, sweeps }: Deps): Promise<void> => {
  const failures: unknown[] = []
  for (const sweep of sweeps) {
    for (const moveOn of await sweep(now(), BATCH_MAX)) await moveOn().catch((error: unknown) => failures.push(error))
  }
  // What is refused was moved on meanwhile, or has its refusal noted.
  const faults = failures.filter((failure) => !(failure instanceof Refusal))
  if (faults[0]) throw new Error(`${faults.length.toString()} stay as they are`, { cause: faults[0] })
}
