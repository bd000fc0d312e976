import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { createLog } from '@countinghouse/shared/log'
import { connectBroker } from '@countinghouse/shared/messaging/broker'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { rebuildProjection } from '@countinghouse/shared/messaging/rebuild'
import { createCalendar } from '@countinghouse/shared/calendar'
import { createCache } from '@countinghouse/shared/cache'
import { connectRedis } from '@countinghouse/shared/redis'
import { nights } from '@countinghouse/shared/mongo/nightly'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { testServers } from '@countinghouse/shared/testing/servers'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { projectionsOf, reportingService, reports } from '../app.js'
import { getReport, REPORTS_PROJECTION } from './making.js'
import { reportNight } from './nightly.js'

const log = createLog('test', 'silent')
let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService, { REPORT_CACHE_TTL: 3600, REPORT_NIGHTLY_AT: '02:00' })
})
afterAll(() => service.close())

const report = async (name: string, query: object = {}) => {
  const asAdmin = { authorization: `Bearer ${service.tokens.userToken('admin')}` }
  return (await request(service.url).get(`/api/v1/reports/${name}`).query(query).set(asAdmin)).body as Record<
    string,
    unknown
  >
}

const ACCOUNTS = ['sales_revenue', 'sales_returns', 'interest_income', 'cost_of_goods_sold', 'provider_fees', 'inventory', 'bank', 'receivables'] // prettier-ignore
const INCOME = new Set(['sales_revenue', 'sales_returns', 'interest_income'])
const COSTS = new Set(['cost_of_goods_sold', 'provider_fees'])

const random = randomFrom(42)
const pick = <One>(some: readonly One[]): One => some[Math.floor(random() * some.length)] as One
const days = ['2026-01-10', '2026-01-31', '2026-02-01', '2026-03-05']

const randomEntry = (index: number) => {
  const amount = BigInt(1 + Math.floor(random() * 1_000_000))
  const at = `${pick(days)}T${pick(['00:10', '12:00', '18:29', '18:30', '23:59'])}:00.000Z`
  return { id: `e${index}`, at, amount, debit: pick(ACCOUNTS), credit: pick(ACCOUNTS) }
}
const entries = Array.from({ length: 150 }, (_, index) => randomEntry(index))
const toEvent = ({ id, at, amount, debit, credit }: (typeof entries)[number]) => {
  const posting = (account: string, side: 'debit' | 'credit') => ({
    ...{ account_id: `house:${account}:USD`, side, amount_minor: amount, currency: 'USD', balance_after_minor: 0n },
  })
  const postings = [posting(debit, 'debit'), posting(credit, 'credit')]
  return newEvent(ledgerEntryPosted, id, {
    entry_id: id,
    kind: 'books',
    reference: { kind: 'test', id },
    postings,
    posted_at: at,
  })
}

/** What the books come to, added up by hand: in Kolkata a day begins at 18:30 of the day before. */
const profitOf = (before: string): number => {
  const counted = entries.filter(({ at }) => at < before)
  const effect = (account: string) => (INCOME.has(account) || COSTS.has(account) ? 1n : 0n)
  const minor = counted.reduce(
    (sum, { amount, debit, credit }) => sum + amount * effect(credit) - amount * effect(debit),
    0n,
  )
  return Number(minor) / 100
}

test('profit ties to the books after random entries, and a rebuild changes nothing but the copy', async () => {
  await publishEvents(service.rabbitmqUrl, entries.map(toEvent)) // prettier-ignore
  const all = entries.reduce((sum, { amount }) => sum + amount, 0n)
  await eventually(async () =>
    expect(await report('ledger')).toMatchObject({ total_debit: Number(all) / 100, difference: 0 }),
  )
  const january = { to: '2026-01-31' }
  expect(await report('profit-loss')).toMatchObject({ profit: profitOf('9999') })
  expect(await report('profit-loss', january)).toMatchObject({ profit: profitOf('2026-01-31T18:30') })

  const before = [await report('ledger'), await report('profit-loss', { ...january, fresh: 'true' })]
  const broker = await connectBroker({ url: service.rabbitmqUrl, service: 'rebuild', log })
  const projection = projectionsOf((instant) => instant.toISOString().slice(0, 10))[REPORTS_PROJECTION]
  if (!projection) throw new Error('There is no such projection')
  await service.db.collection('book_quarters').deleteMany({})
  expect(await report('ledger')).toMatchObject({ total_rows: 0 })
  await rebuildProjection({ name: REPORTS_PROJECTION, ...projection, db: service.db, broker, log, graceMs: 0 })
  await broker.close()
  const after = [await report('ledger'), await report('profit-loss', { ...january, fresh: 'true' })]
  const timeless = (some: Record<string, unknown>[]) => some.map(({ generated_at: _, as_of: __, ...rest }) => rest)
  // Who reads a report is an event too.
  expect(String(after[0]?.['as_of']) >= String(before[0]?.['as_of'])).toBe(true)
  expect(timeless(after)).toEqual(timeless(before))
})

test('the reports of a night are read the day after, but a first night keeps nothing', async () => {
  const redis = connectRedis(testServers().redisUrl, log)
  const calendar = createCalendar({ zone: 'Asia/Kolkata' })
  const now = () => new Date('2026-03-06T03:00:00.000Z')
  const cacheOf = (name: string) => createCache({ redis, name, database: service.db.name, ttlSeconds: 60 })
  const deps = {
    db: service.db,
    now,
    cache: cacheOf('nights'),
    calendar,
    currency: 'USD',
    timeZone: 'Asia/Kolkata',
    readPreference: 'primary',
  } as const
  const profitLoss = reports.find(({ name }) => name === 'profit-loss')
  if (!profitLoss) throw new Error('There is no such report')
  const { signal } = new AbortController()
  const snapshots = () => service.db.collection('report_snapshots').countDocuments()
  await service.db.collection('nights').deleteMany({})
  await reportNight(deps, [profitLoss], '2026-03-05', signal)
  expect(await snapshots()).toBe(0)
  await service.db.collection(nights.name).insertOne({ _id: 'reports 2026-03-05' as never, work: 'reports', day: '2026-03-05', startedAt: now(), finishedAt: now() }) // prettier-ignore
  await reportNight(deps, [profitLoss], '2026-03-06', signal)
  expect(await snapshots()).toBeGreaterThan(3)
  // What is read from the night does not look at the books.
  await service.db.collection('book_quarters~2').deleteMany({})
  const question = { tz: 'Asia/Kolkata', params: {}, caller: { role: undefined, userId: undefined } }
  const yesterday = { ...question, from: '2026-03-05', to: '2026-03-05' }
  expect((await getReport(deps, profitLoss, yesterday)).rows.length).toBeGreaterThan(0)
  expect((await getReport(deps, profitLoss, { ...yesterday, from: '2026-03-04' })).rows).toEqual([])
  // What goes on today is read from the night until ten in the morning, what ended before it all day.
  const readAt = async (time: string, asked: typeof question & { from?: string }) => {
    const later = { ...deps, now: () => new Date(`2026-03-06T${time}:00+05:30`), cache: cacheOf(time) }
    return (await getReport(later, profitLoss, asked)).rows.length > 0
  }
  expect([await readAt('09:59', question), await readAt('10:00', question)]).toEqual([true, false])
  expect([await readAt('23:59', yesterday), await readAt('23:58', { ...question, from: '2026-03-06' })]).toEqual([true, false]) // prettier-ignore
  redis.disconnect()
})
