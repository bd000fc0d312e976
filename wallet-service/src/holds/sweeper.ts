import type { Log } from '@countinghouse/shared/log'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import { expire, type Deps } from './commands.js'
import { findOverdue } from './store.js'

const SWEEP_EVERY_MS = 2_000
const LEASE_TTL_MS = 10_000
const BATCH_MAX = 200

/**
 * Lets go of holds whose time has run out. Nothing depends on when it comes: an overdue hold is captured by nobody. Of
 * the replicas of the service the one with the lease works.
 */
export const startHoldSweeper = (deps: Deps & { log: Log }): Background =>
  sweepUnderLease({
    ...{ db: deps.db, lease: { name: 'hold-expiry', ttlMs: LEASE_TTL_MS }, everyMs: SWEEP_EVERY_MS, log: deps.log },
    work: async (goesOn) => {
      while ((await sweepBatch(deps)) === BATCH_MAX && (await goesOn()));
    },
    failure: 'Overdue holds could not be let go; trying again',
  })

/** Answers how many it took; one that fails stays for the next sweep and keeps no other from being let go. */
const sweepBatch = async (deps: Deps & { log: Log }): Promise<number> => {
  const overdue = await findOverdue(readsOn(deps.db), deps.now(), BATCH_MAX)
  const results = await Promise.allSettled(overdue.map((hold) => expire(deps, hold)))
  const failed = results.filter((result) => result.status === 'rejected')
  if (failed[0]) throw new Error(`${failed.length.toString()} holds stay held`, { cause: failed[0].reason })
  return overdue.length
}
