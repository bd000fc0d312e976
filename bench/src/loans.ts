import { loans } from '@countinghouse/loan-service/loans/store/collection'
import { createCalendar } from '@countinghouse/shared/calendar'
import { nights } from '@countinghouse/shared/mongo/nightly'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Ground } from './ground.js'
import { measureApprovals } from './loanApprovals.js'
import { growLoans } from './loanData.js'
import { measureEngine } from './loanEngine.js'
import { openLoanHouse } from './loanHouse.js'
import { measureLists } from './loanLists.js'
import { measureNight } from './loanNights.js'
import { atMost, figuresOf, type Measured, type Row } from './measured.js'

const SCALE = Number(process.env['BENCH_SCALE'] ?? 100_000)
const BORROWERS = 100
const APPROVALS_PER_SECOND = [1, 50]

/** The engine alone, then approvals, lists and a night on real services. */
export const bench = async (ground: Ground): Promise<Measured> => {
  const { rows, facts } = await measureEngine()
  const house = await openLoanHouse(ground, BORROWERS)
  const today = createCalendar({ zone: 'Asia/Kolkata' }).dayOf(new Date())
  // The night is measured apart, so the service must find nothing to do.
  const done = { work: 'loans', day: today, startedAt: new Date(), finishedAt: new Date() }
  await native(house.db, nights).replaceOne({ _id: `loans ${today}` }, done, { upsert: true })
  for (const perSecond of APPROVALS_PER_SECOND) rows.push(await measureApprovals(house, perSecond))
  const [like] = await readsOn(house.db).find(loans, {}, { limit: 1 })
  if (!like) throw new Error('No loan was entered')
  console.log(`growing to ${SCALE} loans`)
  await growLoans(house.db, { ...like, night: null }, { count: SCALE, today })
  const lists = await measureLists(house, today)
  await house.stopServices()
  const night = await measureNight(house.db, today)
  return {
    title: 'Engine, approvals, lists and a night',
    rows: [...rows, ...lists.rows],
    facts: { ...facts, 'loans in the lists': SCALE, ...lists.facts, ...night },
    aims: APPROVALS_PER_SECOND.flatMap((perSecond) => aimsOf(rows, perSecond)),
  }
}

const aimsOf = (rows: Row[], perSecond: number) => {
  const { p50Ms, p99Ms } = figuresOf(rows, `approved to active, ${perSecond} a second`)
  return [
    atMost(`p50 ms from approval to active, ${perSecond} a second`, 30, p50Ms),
    atMost(`p99 ms from approval to active, ${perSecond} a second`, 150, p99Ms),
  ]
}
