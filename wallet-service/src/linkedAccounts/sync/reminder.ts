import { findWaiting } from '@countinghouse/shared/jobs/store'
import type { Log } from '@countinghouse/shared/log'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { gauge } from '@countinghouse/shared/metrics'
import { sweepUnderLease } from '@countinghouse/shared/mongo/sweeping'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import type { Background } from '@countinghouse/shared/service'
import type { Connection } from 'mongoose'
import { ACCOUNT_SYNC } from '../commands/links.js'
import { accountSyncDueFor } from '../events.js'

const LOOK_EVERY_MS = 1_000
const LEASE_TTL_MS = 5_000
const WAITED_MS = 2_000
const AGAIN_AFTER_MS = 60_000
const BATCH_MAX = 200

const waiting = gauge('account_sync_jobs_waiting', 'Jobs that have waited for a worker for two seconds or more')

/**
 * Puts jobs into the queue again whose worker died, or which wait for another attempt: the queue forgets what was taken
 * from it, the jobs do not. Each at most once a minute, however long the queue is.
 */
export const startReminder = ({ db, log, now }: { db: Connection; log: Log; now: () => Date }): Background => {
  const reminded = new Map<string, number>()
  const remind = async (): Promise<void> => {
    const at = now().getTime()
    for (const [id, when] of reminded) if (when + AGAIN_AFTER_MS <= at) reminded.delete(id)
    const found = await findWaiting(db, ACCOUNT_SYNC, new Date(at - WAITED_MS), BATCH_MAX)
    waiting.set(found.length)
    const due = found.filter(({ _id, attempts }) => !reminded.has(`${_id}:${attempts.toString()}`))
    if (due.length > 0) await inTransaction(db, (tx) => addToOutbox(tx, ...due.map(accountSyncDueFor)))
    for (const { _id, attempts } of due) reminded.set(`${_id}:${attempts.toString()}`, at)
  }
  return sweepUnderLease({
    ...{ db, lease: { name: 'account-sync-reminder', ttlMs: LEASE_TTL_MS }, everyMs: LOOK_EVERY_MS, log },
    work: remind,
    failure: 'Jobs could not be put into the queue again; trying again',
  })
}
