import type { Connection } from 'mongoose'
import { addDays, type Calendar, type Day } from '../calendar.js'
import type { Log } from '../log.js'
import { counter, fromZero, gauge } from '../metrics.js'
import { repeat } from '../repeat.js'
import type { Background } from '../service.js'
import { defineCollection } from './collection.js'
import { acquireLease, type Lease } from './lease.js'
import { native, readsOn } from './transaction.js'

/** That a night's work was done. */
export type Night = { _id: string; work: string; day: Day; startedAt: Date; finishedAt: Date }

export const nights = defineCollection<Night>(
  'nights',
  {
    work: { type: String, required: true },
    day: { type: String, required: true },
    startedAt: { type: Date, required: true },
    finishedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { work: 1, day: -1 } }] },
)

export type Nightly = {
  db: Connection
  log: Log
  now: () => Date
  calendar: Calendar
  /** What is done, as records and metrics name it. */
  work: string
  /** When it is due, by the clocks of the business: `02:00`. */
  at: string
  /** After nights without a running service: each of them in its turn, or the last alone. */
  missed: 'each' | 'last'
  /**
   * Does the work that fell due on a day; at least once, so it must bear a repeat of the same day. The signal says that
   * the process stops, or that another one has taken over.
   */
  run(day: Day, signal: AbortSignal): Promise<void>
}

const LOOK_EVERY_MS = 60_000
const LEASE_TTL_MS = 30_000

const lastDone = gauge('nightly_last_done_timestamp_seconds', 'When the work of a night was last done', ['work'])
const failures = counter('nightly_failures_total', 'Attempts at the work of a night that failed', ['work'])

/** Does the work of each night, once among the replicas; what a stop or a failure left undone is caught up with. */
export const startNightly = (nightly: Nightly): Background => {
  const { work, log } = nightly
  const failure = `The nightly ${work} failed; trying again`
  fromZero(failures, { work: [work] })
  return repeat({ everyMs: LOOK_EVERY_MS, work: (signal) => catchUp(nightly, signal), log, failure })
}

/** Does what is due and not yet done; answers the days. */
export const catchUp = async (nightly: Nightly, stopping: AbortSignal): Promise<Day[]> => {
  if ((await daysDue(nightly)).length === 0) return []
  const lease = await acquireLease(nightly.db, `nightly-${nightly.work}`, LEASE_TTL_MS)
  if (!lease) return []
  const { signal, letGo } = keep(lease, stopping)
  const done: Day[] = []
  try {
    // Asked again: another replica may have done them before the lease was free.
    for (const day of await daysDue(nightly)) if (await doNight(nightly, day, signal)) done.push(day)
  } catch (error) {
    failures.inc({ work: nightly.work })
    throw error
  } finally {
    await letGo()
  }
  return done
}

const doNight = async ({ db, now, log, work, run }: Nightly, day: Day, signal: AbortSignal): Promise<boolean> => {
  if (signal.aborted) return false
  const startedAt = now()
  await run(day, signal)
  if (signal.aborted) return false
  const night = { work, day, startedAt, finishedAt: now() }
  await native(db, nights).replaceOne({ _id: `${work} ${day}` }, night, { upsert: true })
  lastDone.set({ work }, night.finishedAt.getTime() / 1000)
  log.info({ work, day }, 'The work of the night is done')
  return true
}

/** The days whose work is due and not recorded, oldest first; of a work that was never done, the last one alone. */
const daysDue = async ({ db, now, calendar, work, at, missed }: Nightly): Promise<Day[]> => {
  const today = calendar.dayOf(now())
  const due = calendar.at(today, at) <= now() ? today : addDays(today, -1)
  const [last] = await readsOn(db).find(nights, { work }, { sort: { day: -1 }, limit: 1 })
  // Told again after a start, and by each replica, whoever did it.
  if (last) lastDone.set({ work }, last.finishedAt.getTime() / 1000)
  if (!last || missed === 'last') return last && last.day >= due ? [] : [due]
  const days: Day[] = []
  for (let day = addDays(last.day, 1); day <= due; day = addDays(day, 1)) days.push(day)
  return days
}

const keep = (lease: Lease, stopping: AbortSignal) => {
  const lost = new AbortController()
  const renewal = setInterval(() => {
    lease.renew().then(
      (held) => held || lost.abort(),
      () => undefined,
    )
  }, LEASE_TTL_MS / 3)
  return {
    signal: AbortSignal.any([stopping, lost.signal]),
    letGo: async () => {
      clearInterval(renewal)
      await lease.release()
    },
  }
}
