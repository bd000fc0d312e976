import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { dataRead, type Read } from '@countinghouse/shared/contracts/audit'
import type { Role } from '@countinghouse/shared/contracts/auth'
import { loanApplied, loanRejected } from '@countinghouse/shared/contracts/loan'
import { runInContext } from '@countinghouse/shared/context'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { startOver } from '@countinghouse/shared/messaging/position'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { announced, registrationOf } from '@countinghouse/shared/testing/events'
import { publishEvent, publishEvents } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { reportingService } from '../app.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService)
})
afterAll(() => service.close())

type Row = Record<string, unknown> & { id: string; height: number; hash: string; previous_hash: string }
const get = (path: string, query: object = {}, role: Role = 'admin') =>
  request(service.url)
    .get(`/api/v1/audit${path}`)
    .query(query)
    .set('authorization', `Bearer ${service.tokens.userToken(role)}`)
const list = async (query: object = {}) => (await get('', { what: 'changes', ...query })).body as Row[]
const verify = async (query: object = {}) => (await get('/verify', query)).body as Record<string, unknown>
const entries = () => service.db.collection('audit_entries')
const recorded = (events: readonly Envelope[]) =>
  eventually(async () =>
    expect(await entries().countDocuments({ _id: { $in: events.map(({ id }) => id) as never[] } })).toBe(events.length),
  )

const by = <Result>(actor: string, work: () => Result): Result =>
  runInContext(
    { requestId: 'r1', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, actor, correlationId: 'r1' },
    work,
  )
const applied = (loan_id: string, customer_id: string) =>
  newEvent(loanApplied, loan_id, {
    ...{ loan_id, customer_id, amount_minor: 1_000n, currency: 'USD', term_months: 12, risk_score: 0.25 },
    applied_at: '2026-11-21T09:30:00.000Z',
  })
const rejected = (loan_id: string, customer_id: string, reason: string) =>
  newEvent(loanRejected, loan_id, { loan_id, customer_id, reason, rejected_at: '2026-11-21T09:30:00.000Z' })

test('every event of the platform is one entry, known here or not, and a repetition adds none', async () => {
  const known = registrationOf('u1')
  const unknown = { ...registrationOf('u2'), type: 'countinghouse.comet.sighted.v3', subject: 'halley' }
  const events = [known, unknown, applied('l1', 'c1')]
  for (const event of events) await publishEvent(service.rabbitmqUrl, event, 3)
  await recorded(events)
  const rows = await list()
  expect(rows.map(({ id }) => id)).toEqual(events.map(({ id }) => id).reverse())
  expect(rows.map(({ action, entity_kind, entity_id }) => [action, entity_kind, entity_id])).toEqual([
    ['loan.applied', 'loan', 'l1'],
    ['comet.sighted', 'comet', 'halley'],
    ['user.registered', 'user', 'u1'],
  ])
  expect(rows.map(({ height }) => height)).toEqual([3, 2, 1])
  expect(rows[0]?.previous_hash).toBe(rows[1]?.hash)
})

test('a stream that is read again from its first event adds nothing', async () => {
  const before = await list()
  await service.db.collection('inbox').deleteMany({})
  await inTransaction(service.db, (tx) => startOver(tx, 'audit'))
  const event = applied('l-again', 'c-again')
  await publishEvent(service.rabbitmqUrl, event)
  await recorded([event])
  expect((await list()).slice(1)).toEqual(before)
})

test('the log is searched by actor, entity, customer and time, a page at a time', async () => {
  const events = [
    by('user:clerk', () => applied('l2', 'c2')),
    by('user:boss', () => rejected('l2', 'c2', 'Income not proven')),
    by('user:boss', () => applied('l3', 'c3')),
  ]
  await publishEvents(service.rabbitmqUrl, events)
  await recorded(events)
  const found = async (query: object) =>
    (await list(query)).map(({ action, entity_id }) => [action, entity_id].join(' '))
  expect(await found({ actor: 'user:boss' })).toEqual(['loan.applied l3', 'loan.rejected l2'])
  expect(await found({ actor: 'boss', customer_id: 'c2' })).toEqual(['loan.rejected l2'])
  expect(await found({ entity: 'loan:l2' })).toEqual(['loan.rejected l2', 'loan.applied l2'])
  expect(await found({ entity: 'l3' })).toEqual(['loan.applied l3'])
  expect(await found({ entity: 'user' })).toEqual(['user.registered u1'])
  expect(await found({ customer_id: 'c2', to: '2001-01-01' })).toEqual([])
  expect(await found({ customer_id: 'c2', from: '2001-01-01' })).toHaveLength(2)

  const first = await get('', { page_size: 2, entity: 'loan' })
  const next = /cursor=([^&>]+)/.exec(first.headers['link'] ?? '')?.[1] ?? ''
  expect(first.headers['x-total-count']).toBeUndefined()
  const pages = [...(first.body as Row[]), ...(await list({ page_size: 100, entity: 'loan', cursor: next }))]
  expect(pages).toEqual(await list({ page_size: 100, entity: 'loan' }))
  expect((await get('', { cursor: 'bm9uZQ' })).status).toBe(422)
})

test('an entry says who, why, and what was before and after, without secrets', async () => {
  const note = { ...rejected('l2', 'c2', 'Paid by 4242424242424242'), data: { loan_id: 'l2', reason: 'Paid by 4242424242424242', secret: 'hush' } } // prettier-ignore
  await publishEvent(service.rabbitmqUrl, note)
  await recorded([note])
  const { body } = await get(`/${note.id}`)
  expect(body).toMatchObject({
    reason: 'Paid by ***4242',
    before: { loan_id: 'l2', reason: 'Income not proven' },
    after: { loan_id: 'l2', reason: 'Paid by ***4242', secret: '***' },
  })
  expect(JSON.stringify(await entries().find().toArray())).not.toMatch(/4242424242424242|hush/)
  expect((await get('/nobody')).body).toMatchObject({ code: 'audit_entry_not_found' })
})

const reading = (at: string, read: Partial<Read>): Read => ({
  ...{ at, actor: 'user:clerk', role: 'staff', route: 'GET /wallets/:id', data: 'financial', entity_kind: 'wallet' },
  ...{ entity_id: null, found: [], customer_ids: [], query: {}, purpose: null, request_id: 'r9', ...read },
})

test('who looked at what is an entry like any other, found by reader, thing, customer and time', async () => {
  const event = newEvent(dataRead, 'loan-service', {
    reads: [
      reading('2026-11-20T09:00:00.000Z', { entity_id: 'w7', customer_ids: ['c7'], purpose: 'Complaint 1187' }),
      reading('2026-11-20T09:01:00.000Z', { found: ['w7', 'w8'], customer_ids: ['c7', 'c8'], query: { page: '2' } }),
      reading('2026-11-20T09:02:00.000Z', {
        entity_kind: 'loan',
        entity_id: 'l2',
        actor: 'user:viewer',
        role: 'viewer',
      }),
    ],
  })
  await publishEvent(service.rabbitmqUrl, event, 2)
  await eventually(async () => expect(await list({ what: 'reads', entity: 'loan:l2' })).toHaveLength(1))
  const found = async (query: object) =>
    (await list({ what: 'reads', from: '2026-11-20', to: '2026-11-20', ...query })).map(({ id }) => id)
  const [one, many, loan] = [0, 1, 2].map((at) => `${event.id}.${at}`)
  expect(await found({ actor: 'clerk' })).toEqual([many, one])
  expect(await found({ entity: 'wallet:w7' })).toEqual([many, one])
  expect(await found({ entity: 'w8' })).toEqual([many])
  expect(await found({ customer_id: 'c7' })).toEqual([many, one])
  expect(await found({ entity: 'loan' })).toEqual([loan])
  expect(await list({ entity: 'wallet' })).toEqual([])
  expect((await get(`/${one ?? ''}`)).body).toMatchObject({
    ...{ actor: 'user:clerk', action: 'wallet.read', entity_id: 'w7', reason: 'Complaint 1187', correlation_id: 'r9' },
    ...{ after: { role: 'staff', route: 'GET /wallets/:id', data: 'financial', query: {} }, before: null },
  })
})

test('that something was read is not what was before its next change', async () => {
  const next = { ...rejected('l2', 'c2', 'Withdrawn'), time: new Date(Date.now() + 1).toISOString() }
  const seen = reading(new Date().toISOString(), { entity_kind: 'loan', entity_id: 'l2' })
  await publishEvents(service.rabbitmqUrl, [newEvent(dataRead, 'loan-service', { reads: [seen] }), next])
  await recorded([next])
  expect((await get(`/${next.id}`)).body).toMatchObject({ before: { reason: 'Paid by ***4242' } })
})

/** Whoever reads the log is on record in it. */
const nobodyReads = () =>
  eventually(async () => {
    const reads = (await announced(service.db, dataRead)).flatMap(({ data }) => (data as { reads: Read[] }).reads)
    expect(await entries().countDocuments({ action: 'audit.read' })).toBe(reads.length)
  })

test('the chain holds, in one stretch or in many', async () => {
  await nobodyReads()
  const height = await entries().countDocuments()
  expect(await verify()).toEqual({ valid: true, checked: height, height, first_break: null, next: null })
  expect(await verify({ limit: 2 })).toMatchObject({ valid: true, checked: 2, next: 2 })
  expect(await verify({ after: 2 })).toMatchObject({ valid: true, checked: height - 2, next: null })
})

test('an entry that was changed, taken out or cut off is found', async () => {
  const rows = (await entries().find().sort({ height: 1 }).toArray()) as unknown as { _id: never; height: number; actor: string }[] // prettier-ignore
  const [third, last] = [rows[2], rows.at(-1)]
  if (!third || !last) throw new Error('The log is too short')
  await entries().updateOne({ _id: third._id }, { $set: { actor: 'user:innocent' } })
  expect(await verify()).toMatchObject({ valid: false, first_break: { height: 3, id: third._id, problem: 'changed' } })
  await entries().deleteOne({ _id: third._id })
  expect(await verify()).toMatchObject({ valid: false, first_break: { height: 3, problem: 'missing' } })
  await entries().insertOne(third)
  expect(await verify()).toMatchObject({ valid: true })
  await entries().deleteOne({ _id: last._id })
  expect(await verify()).toMatchObject({ valid: false, first_break: { height: last.height, problem: 'missing' } })
  await entries().insertOne(last)
})

test('the log is for admins', async () => {
  for (const role of ['staff', 'viewer', 'vendor', 'customer'] as const)
    for (const path of ['', '/verify', '/some-id']) expect((await get(path, {}, role)).status).toBe(403)
})
