import type { Calendar } from '@countinghouse/shared/calendar'
import type { Log } from '@countinghouse/shared/log'
import { startNightly, type Nightly } from '@countinghouse/shared/mongo/nightly'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { repeat } from '@countinghouse/shared/repeat'
import type { Background } from '@countinghouse/shared/service'
import { verify, type Deps } from './commands.js'
import { findLastVerification, publish } from './store.js'

const SHOW_EVERY_MS = 60_000

type Options = Deps & {
  calendar: Calendar
  log: Log
  /** What else belongs to the night, under the same lease. */
  andThen: () => Promise<void>
}

/** Verifies the books each night on one of the replicas, and keeps the metrics of the last verification on all. */
export const startNightlyVerification = (options: Options): Background => {
  const nightly = startNightly(nightlyVerification(options))
  const showing = repeat({
    ...{ everyMs: SHOW_EVERY_MS, work: () => showLast(options), log: options.log },
    failure: 'The last verification of the books could not be shown',
  })
  return { stop: async () => void (await Promise.all([nightly.stop(), showing.stop()])) }
}

const isSunday = (day: string): boolean => new Date(`${day}T00:00:00Z`).getUTCDay() === 0

/**
 * Each night what came since the night before, and on Sundays everything again. However many nights were missed, the
 * books are verified as they are now.
 */
export const nightlyVerification = ({ andThen, ...options }: Options): Nightly => ({
  ...options,
  ...{ work: 'ledger-verification', at: '02:00', missed: 'last' },
  run: async (day, signal) => {
    const run = verify(options, isSunday(day) ? 'beginning' : 'last')
    let step = await run.next()
    while (!step.done && !signal.aborted) step = await run.next()
    if (!step.done) return void (await run.return(undefined as never))
    const { ok, problems, blocks, entries } = step.value
    if (ok) options.log.info({ blocks, entries }, 'The books are verified')
    else options.log.error({ problems }, 'The books are not as they were entered')
    await andThen()
  },
})

const showLast = async ({ db, now }: Options): Promise<void> => {
  const last = await findLastVerification(readsOn(db))
  if (last) publish(last, now())
}
