import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loans } from '@countinghouse/loan-service/loans/store/collection'
import { provisionServers, type Servers } from '@countinghouse/scripts/servers'
import { createCalendar } from '@countinghouse/shared/calendar'
import { nights } from '@countinghouse/shared/mongo/nightly'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { measureApprovals } from './loanApprovals.js'
import { growLoans } from './loanData.js'
import { measureEngine } from './loanEngine.js'
import { openLoanHouse } from './loanHouse.js'
import { measureLists } from './loanLists.js'
import { measureNight } from './loanNights.js'
import { report } from './report.js'

const SCALE = Number(process.env['BENCH_SCALE'] ?? 100_000)
const BORROWERS = 100
const APPROVALS_PER_SECOND = [1, 50]

const bench = async (servers: Servers): Promise<void> => {
  const { rows, facts } = await measureEngine()
  const house = await openLoanHouse(servers, BORROWERS)
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
  await house.close()
  report('loans: engine, approvals, lists, a night', [...rows, ...lists.rows], {
    ...facts,
    ...{ 'loans in the lists': SCALE },
    ...lists.facts,
    ...night,
  })
}

const folder = await mkdtemp(join(tmpdir(), 'countinghouse-bench-'))
const servers = await provisionServers({ dataDir: folder, purpose: 'test', say: (line) => console.log(line) })
try {
  await bench(servers)
} finally {
  await servers.stop()
  await rm(folder, { recursive: true })
}
process.exit()
