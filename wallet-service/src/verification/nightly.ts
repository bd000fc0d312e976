import { instantsOf } from '@countinghouse/shared/days'
import type { Log } from '@countinghouse/shared/log'
import { acquireLease } from '@countinghouse/shared/mongo/lease'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { verify, type Deps } from './commands.js'
import { findLastVerification, publish } from './store.js'

const LOOK_EVERY_MS = 60_000
const LEASE_TTL_MS = 30_000
const HOUR_MS = 3_600_000

type Options = Deps & {
  timeZone: string
  log: Log
  /** What else belongs to the night, under the same lease. */
  andThen: () => Promise<void>
}

/** Ends a verification that has begun. */
type Stop = { signal?: AbortSignal }

/** Verifies the books each night on one of the replicas, and keeps the metrics of the last verification on all. */
export const startNightlyVerification = (options: Options) => {
  const stopping = new AbortController()
  let running: Promise<unknown> | undefined
  const timer = setInterval(() => {
    running ??= verifyIfDue(options, stopping)
      .catch((error: unknown) => {
        options.log.error({ err: error }, 'The nightly verification of the books failed')
      })
      .finally(() => (running = undefined))
  }, LOOK_EVERY_MS)
  return {
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      await running
    },
  }
}

/** Verifies unless that has been done since two in the morning; true when it did. */
export const verifyIfDue = async (
  { db, now, timeZone, log, andThen }: Options,
  { signal }: Stop = {},
): Promise<boolean> => {
  const last = await findLastVerification(readsOn(db))
  if (last) publish(last, now())
  if (last && last.startedAt >= lastTwoInTheMorning(now(), timeZone)) return false
  const lease = await acquireLease(db, 'ledger-verification', LEASE_TTL_MS)
  if (!lease) return false
  try {
    const run = verify({ db, now })
    let step = await run.next()
    while (!step.done && !signal?.aborted && (await lease.renew())) step = await run.next()
    if (!step.done) {
      await run.return(undefined as never)
      return false
    }
    const { ok, problems, blocks, entries } = step.value
    if (ok) log.info({ blocks, entries }, 'The books are verified')
    else log.error({ problems }, 'The books are not as they were entered')
    await andThen()
    return true
  } finally {
    await lease.release()
  }
}

export const lastTwoInTheMorning = (now: Date, timeZone: string): Date => {
  const dayOf = (instant: Date) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(instant)
  const twoOn = (day: string) => new Date((instantsOf({ from: day }, timeZone).from?.getTime() ?? 0) + 2 * HOUR_MS)
  const today = twoOn(dayOf(now))
  return today <= now ? today : twoOn(dayOf(new Date(now.getTime() - 24 * HOUR_MS)))
}
