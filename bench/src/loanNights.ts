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
  let mostBytes = 0
  const watching = setInterval(() => (mostBytes = Math.max(mostBytes, process.memoryUsage().rss)), 100)
  const seconds = await secondsOf(() => ageLoans(deps, day, new AbortController().signal))
  clearInterval(watching)
  const done = await db.collection('loans').countDocuments({ 'night.on': day })
  if (done !== active) throw new Error(`Of ${active} running loans ${done} had their night`)
  const again = await secondsOf(() => ageLoans(deps, day, new AbortController().signal))
  return {
    'running loans': active.toString(),
    'night, seconds': seconds.toFixed(1),
    'night, loans a second': Math.round(active / seconds).toString(),
    'night, most memory of the process in MB': Math.round(mostBytes / 2 ** 20).toString(),
    'night repeated, seconds': again.toFixed(2),
  }
}

const secondsOf = async (work: () => Promise<void>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}
