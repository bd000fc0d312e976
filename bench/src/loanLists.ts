import type { mongo } from 'mongoose'
import { runLoad } from './load.js'
import type { LoanHouse } from './loanHouse.js'
import type { Row } from './report.js'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15) / 3
const CLIENTS = 16

const LISTS: Record<string, string> = {
  'newest 20 of all': '/loans',
  'newest 20 of a borrower': '/loans?customer_id=customer-77',
  'newest 20 that wait for a decision': '/loans?status=APPLIED',
  'newest 20 of a month between two amounts':
    '/loans?status=ACTIVE&min_amount=10000&max_amount=20000&from={from}&to={to}',
  'newest 20 that are overdue': '/loans?overdue=true',
  'largest 20': '/loans?ordering=-amount',
}

/** Lists of few out of many loans, by the service; throws when one looks at every loan. */
export const measureLists = async (
  house: LoanHouse,
  today: string,
): Promise<{ rows: Row[]; facts: Record<string, string> }> => {
  const measured: { rows: Row[]; facts: Record<string, string> } = { rows: [], facts: {} }
  const from = new Date(Date.parse(today) - 30 * 86_400_000).toISOString().slice(0, 10)
  for (const [name, path] of Object.entries(LISTS)) {
    console.log(name)
    const ask = async () => void (await house.call('GET', path.replace('{from}', from).replace('{to}', today)))
    measured.rows.push({ name, figures: await runLoad({ clients: CLIENTS, seconds: SECONDS, work: ask }) })
    measured.facts[`plan, ${name}`] = await planOf(house, ask)
  }
  return measured
}

/** How MongoDB found and counted what one request asked for, by its own profiler. */
const planOf = async ({ db }: LoanHouse, ask: () => Promise<void>): Promise<string> => {
  const since = new Date()
  await db.db?.command({ profile: 2 })
  await ask()
  await db.db?.command({ profile: 0 })
  const seen = await db
    .collection<mongo.Document>('system.profile')
    .find({ ts: { $gte: since }, ns: /\.loans$/, op: { $in: ['query', 'command'] } })
    .toArray()
  for (const { planSummary } of seen) if (planSummary === 'COLLSCAN') throw new Error('A list looked at every loan')
  return seen
    .map(({ op, planSummary, keysExamined, docsExamined, millis }) =>
      [
        `${op === 'query' ? 'found' : 'counted'} by ${String(planSummary)}`,
        `${String(keysExamined)} keys, ${String(docsExamined)} documents, ${String(millis)} ms`,
      ].join(': '),
    )
    .join('; ')
}
