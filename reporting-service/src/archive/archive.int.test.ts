import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createCalendar } from '@countinghouse/shared/calendar'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { interruptProjection, positions, takePosition } from '@countinghouse/shared/messaging/position'
import { archiveBefore, archiveOf, collectionsOf, findInBoth, insertOnce } from '@countinghouse/shared/mongo/archive'
import { defineCollection, ensureCollections } from '@countinghouse/shared/mongo/collection'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { archived, reportingService } from '../app.js'
import { archiveNight } from './nightly.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService, { REPORT_CACHE_TTL: 3600 })
})
afterAll(() => service.close())

const get = async (path: string, query: object = {}) => {
  const asAdmin = { authorization: `Bearer ${service.tokens.userToken('admin')}` }
  return (await request(service.url).get(`/api/v1${path}`).query(query).set(asAdmin)).body as unknown
}
const entry = (id: string, document: string, at: string, amount: bigint): Envelope => {
  const posting = (account: string, side: 'debit' | 'credit') => ({
    ...{ account_id: `house:${account}:USD`, side, amount_minor: amount, currency: 'USD', balance_after_minor: 0n },
  })
  const postings = [posting('receivables', 'debit'), posting('sales_revenue', 'credit')]
  const reference = { kind: 'sale', id: document }
  const event = newEvent(ledgerEntryPosted, id, { entry_id: id, kind: 'books', reference, postings, posted_at: at })
  return { ...event, time: at }
}
const night = (day: string, signal = new AbortController().signal) =>
  archiveNight({ db: service.db, calendar: createCalendar({ zone: 'Asia/Kolkata' }), afterDays: 365 }, archived, day, signal) // prettier-ignore
const count = (name: string) => service.db.collection(name).countDocuments()
const [LOG, BOOKS] = ['audit_entries', 'book_entries']

/** All that the archive could change: the books bill by bill, the log in pages, and its chain but for who reads it. */
const answers = async () => ({
  owed: { ...((await get('/reports/receivables', { fresh: 'true' })) as object), generated_at: null, as_of: null },
  log: [
    await get('/audit', { what: 'changes' }),
    await get('/audit', { entity: 'ledger:e1' }),
    await get('/audit', { what: 'changes', to: '2025-06-30', page_size: 2 }),
  ],
  chain: { ...((await get('/audit/verify', { limit: 4 })) as object), height: null },
})
const owed = async (): Promise<number> => (await answers()).owed['total' as never]

const OLD = ['2024-12-01T10:00:00.000Z', '2025-03-01T10:00:00.000Z', '2025-11-20T18:29:00.000Z']
const events = [
  ...OLD.map((at, index) => entry(`e${index}`, `SO-${index}`, at, 100n)),
  // Of one bill, a part old and a part not.
  entry('e3', 'SO-0', '2025-11-20T18:30:00.000Z', 50n),
  entry('e4', 'SO-4', '2026-11-01T10:00:00.000Z', 7n),
]

test('reports, the log and its chain are after the archive what they were before it', async () => {
  await publishEvents(service.rabbitmqUrl, events)
  await eventually(async () => expect([await count(BOOKS), await owed()]).toEqual([5, 3.57]))
  const before = await answers()
  expect(before.chain).toMatchObject({ valid: true, checked: 4 })
  await night('2026-11-21')
  expect(await answers()).toEqual(before)
  expect([await count(`${BOOKS}_archive`), await count(BOOKS)]).toEqual([3, 5])
  await night('2026-11-21')
  expect(await answers()).toEqual(before)
  expect([await count(`${BOOKS}_archive`), await count(BOOKS)]).toEqual([3, 2])
  expect(await count(`${LOG}_archive`)).toBe(3)
})

test('a night that is broken off harms nothing, and the next one goes on', async () => {
  const before = await answers()
  await night('2027-11-21', AbortSignal.abort())
  expect(await answers()).toEqual(before)
  await night('2027-11-21')
  await night('2027-11-21')
  expect(await answers()).toEqual(before)
  expect([await count(`${BOOKS}_archive`), await count(BOOKS)]).toEqual([5, 0])
})

test('what happened long ago and becomes known only now counts once', async () => {
  const late = entry('e5', 'SO-5', '2025-02-01T10:00:00.000Z', 1_000n)
  await service.db.collection('inbox').deleteMany({})
  await publishEvents(service.rabbitmqUrl, [late, ...events, entry('e6', 'SO-6', '2028-01-01T10:00:00.000Z', 1n)])
  await eventually(async () => expect(await owed()).toBe(13.58))
  expect(await count(BOOKS)).toBe(1)
  expect(await get('/audit/verify')).toMatchObject({ valid: true, first_break: null })
})

const things = archiveOf(defineCollection<{ _id: string; at: Date }>('things', { at: { type: Date, required: true } }))
const [longAgo, mark] = [new Date('2025-01-01'), new Date('2026-01-01')]
const archiveThings = () =>
  archiveBefore(service.db, things, {
    ...{ before: mark, signal: new AbortController().signal },
    interrupt: (tx) => interruptProjection(tx, 'things'),
  })
const seen = async () => {
  const found = await findInBoth(readsOn(service.db), things, {}, { sort: { _id: 1 }, limit: 9 })
  return found.map(({ _id }) => _id)
}
/** Adds a thing as a batch of a projection does, and lets something happen when it has read and when it has written. */
const add = (
  _id: string,
  { onRead, onWritten }: { onRead?: () => Promise<unknown>; onWritten?: () => Promise<unknown> },
) =>
  inTransaction(service.db, async (tx) => {
    const position = await takePosition(tx, 'things')
    await onRead?.()
    await tx.replace(positions, { ...position, offset: position.offset + 1 })
    await insertOnce(tx, things, { _id, at: longAgo })
    await onWritten?.()
  })

test('what becomes known in the moment in which the mark moves is seen at once', async () => {
  await ensureCollections(service.db, collectionsOf(things))
  let archiving: Promise<void> | undefined
  await add('before', {})
  await add('copied too late', {
    onWritten: async () => {
      archiving ??= archiveThings()
      await eventually(async () => expect(await count('things_archive')).toBe(1))
    },
  })
  await archiving
  expect(await seen()).toEqual(['before', 'copied too late'])
  await service.db.collection('things_archived').deleteMany({})
  let attempts = 0
  await add('knew no mark', { onRead: async () => (++attempts === 1 ? archiveThings() : undefined) })
  expect([attempts, await seen()]).toEqual([2, ['before', 'copied too late', 'knew no mark']])
})

test('an archived entry that was changed is found', async () => {
  await service.db.collection(`${LOG}_archive`).updateOne({ height: 2 }, { $set: { actor: 'user:innocent' } })
  expect(await get('/audit/verify')).toMatchObject({ valid: false, first_break: { height: 2, problem: 'changed' } })
})
