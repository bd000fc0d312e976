import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { findEmails } from '@countinghouse/loan-service/customers/store'
import { ageLoans, type Deps } from '@countinghouse/loan-service/nightly/commands'
import { addDays, createCalendar } from '@countinghouse/shared/calendar'
import { createLog } from '@countinghouse/shared/log'
import type { Connection } from 'mongoose'

/** The work of one night over all running loans, in this process, and its repeat. */
export const measureNight = async (db: Connection, today: string): Promise<Record<string, string>> => {
  console.log('the work of a night')
  const day = addDays(today, 1)
  const calendar = createCalendar({ zone: 'Asia/Kolkata' })
  const deps: Deps = {
    ...{ db, calendar, log: createLog('bench', 'warn'), now: () => calendar.at(day, '01:00') },
    ...{ addressesOf: findEmails, batchSize: 100 },
    settings: { LOAN_NIGHTLY_AT: '01:00', LOAN_REMIND_DAYS_BEFORE: 3 },
  }
  const active = await db.collection('loans').countDocuments({ status: 'ACTIVE' })
  collectGarbage()
  const [before, seen] = [process.memoryUsage().heapUsed, [0]]
  const watching = setInterval(() => seen.push(process.memoryUsage().heapUsed - before), 100)
  const seconds = await secondsOf(() => ageLoans(deps, day, new AbortController().signal))
  clearInterval(watching)
  const done = await db.collection('loans').countDocuments({ 'night.on': day })
  if (done !== active) throw new Error(`Of ${active} running loans ${done} had their night`)
  const again = await secondsOf(() => ageLoans(deps, day, new AbortController().signal))
  return {
    'running loans': active.toString(),
    'night, seconds': seconds.toFixed(1),
    'night, loans a second': Math.round(active / seconds).toString(),
    'night, most memory that it added in MB': Math.round(Math.max(...seen) / 2 ** 20).toString(),
    'night repeated, seconds': again.toFixed(2),
  }
}

// What was read to grow the loans is not the night's.
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

const secondsOf = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}
