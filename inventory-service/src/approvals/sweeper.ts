import type { Log } from '@countinghouse/shared/log'
import { gauge } from '@countinghouse/shared/metrics'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'
import { expire } from './commands.js'
import { countPending, findLapsed } from './store.js'

const SWEEP_EVERY_MS = 5_000
const LEASE_TTL_MS = 20_000
const BATCH_MAX = 100

const pending = gauge('approvals_pending', 'Documents that wait for their approval')

export type SweeperDeps = { db: Connection; now: () => Date; log: Log; everyMs?: number }

/** Ends approvals whose time has run out. Nothing depends on when it comes: an overdue document is approved by nobody. */
export const startApprovalSweeper = ({ db, now, log, everyMs = SWEEP_EVERY_MS }: SweeperDeps): Background =>
  sweepUnderLease({
    ...{ db, lease: { name: 'approval-expiry', ttlMs: LEASE_TTL_MS }, everyMs, log },
    work: async () => {
      for (const approval of await findLapsed(readsOn(db), now(), BATCH_MAX)) await expire(db, approval, now())
      pending.set(await countPending(readsOn(db)))
    },
    failure: 'Approvals whose time is over could not be ended; trying again',
  })
