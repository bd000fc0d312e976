import { runLoad } from './load.js'
import type { LoanHouse } from './loanHouse.js'
import type { Row } from './measured.js'
import { planOf } from './plans.js'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15) / 3
const CLIENTS = 16
// What a list counts it looks at too, where no index counts it.
const LOOKING = { collections: ['loans'], documentsMax: Infinity, counts: true } as const

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
    measured.facts[`plan, ${name}`] = await planOf(house.db, LOOKING, ask)
  }
  return measured
}
