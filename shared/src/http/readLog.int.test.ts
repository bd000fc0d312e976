import { afterAll, beforeAll, expect, test } from '@jest/globals'
import request from 'supertest'
import { z } from 'zod'
import type { ServiceSettings } from '../config.js'
import type { Role } from '../contracts/auth.js'
import { dataRead, type Read } from '../contracts/audit.js'
import { outbox } from '../messaging/outbox.js'
import { refuse } from '../refusal.js'
import type { ServiceDefinition } from '../service.js'
import { announced } from '../testing/events.js'
import { startTestService, type TestService } from '../testing/service.js'
import { endpoint } from './endpoint.js'
import { Page } from './page.js'
import { Streamed } from './stream.js'

const access = ['staff', 'viewer', 'customer', 'service'] as const
const customers = ['c1', 'c2'].map((id) => ({ id, name: 'Jane Doe', email: `${id}@example.com`, limit: 5 }))

async function* text(): AsyncGenerator<string> {
  yield 'all of it'
}

const lender: ServiceDefinition<ServiceSettings> = {
  name: 'loan-service',
  readSettings: () => {
    throw new Error('not read here')
  },
  migrations: [],
  refusals: {},
  build: () => ({
    endpoints: [
      endpoint({
        ...{ method: 'get', path: '/loans/:id/statement', summary: 'One', tag: 'Loans', access },
        reads: { data: 'financial', of: 'loan' },
        params: z.object({ id: z.string() }),
        query: z.object({ as_of: z.string().optional() }),
        view: z.object({ owed: z.number(), customer_id: z.string() }),
        handle: ({ params: { id } }) => {
          if (id === 'none') throw refuse('file_not_found', { key: id })
          return { owed: 10, customer_id: 'c1' }
        },
      }),
      endpoint({
        ...{ method: 'get', path: '/customers', summary: 'All', tag: 'Loans', access, list: true },
        reads: { data: 'personal', of: 'customer' },
        view: z.object({ id: z.string(), name: z.string(), email: z.string(), limit: z.number() }),
        handle: async () => new Page(customers, 2, { page: 1, page_size: 20 }),
      }),
      endpoint({
        ...{ method: 'get', path: '/reports/loans', summary: 'A file', tag: 'Loans', access },
        ...{ reads: { data: 'financial', of: 'report', is: 'loans' }, streams: ['text/csv'], view: z.string() },
        handle: async () => new Streamed('text/csv', text()),
      }),
      endpoint({
        ...{ method: 'get', path: '/products', summary: 'No secret', tag: 'Loans', access },
        ...{ view: z.object({}), handle: () => ({}) },
      }),
    ],
  }),
}

let service: TestService
beforeAll(async () => {
  service = await startTestService(lender)
})
afterAll(() => service.close())

const get = (path: string, role: Role = 'staff', headers: object = {}) =>
  request(service.url)
    .get(path)
    .set({ authorization: `Bearer ${service.tokens.userToken(role)}`, ...headers })
const recorded = async (): Promise<Read[]> =>
  (await announced(service.db, dataRead)).flatMap(({ data }) => (data as { reads: Read[] }).reads)
const newlyRecorded = async (work: () => Promise<unknown>): Promise<Read[]> => {
  const before = (await recorded()).length
  await work()
  return (await recorded()).slice(before)
}

test('by the time somebody sees data of another it is on record: who, what, of whom, when and why', async () => {
  const headers = { 'x-purpose': 'Complaint 1187', 'x-request-id': 'r-1187' }
  const reads = await newlyRecorded(() => get('/loans/l1/statement?as_of=2026-01-31', 'staff', headers))
  expect(reads).toEqual([
    {
      ...{ at: expect.any(String) as unknown, actor: 'user:staff-user', role: 'staff', data: 'financial' },
      ...{ route: 'GET /loans/:id/statement', entity_kind: 'loan', entity_id: 'l1', found: [], customer_ids: ['c1'] },
      ...{ query: { as_of: '2026-01-31' }, purpose: 'Complaint 1187', request_id: 'r-1187' },
    },
  ])
})

test('of a list all that was in it is on record, of a file its name', async () => {
  const [list, file] = await newlyRecorded(async () => {
    await get('/customers')
    await get('/reports/loans')
  })
  expect(list).toMatchObject({ entity_id: null, found: ['c1', 'c2'], customer_ids: ['c1', 'c2'], purpose: null })
  expect(file).toMatchObject({ entity_kind: 'report', entity_id: 'loans', found: [] })
})

test('nobody is on record who reads what is their own, sees nothing, or works for the platform', async () => {
  const reads = await newlyRecorded(async () => {
    expect((await get('/loans/l1/statement', 'customer')).status).toBe(200)
    expect((await get('/loans/none/statement')).status).toBe(404)
    expect((await get('/loans/l1/statement', 'vendor')).status).toBe(403)
    expect((await get('/products')).status).toBe(200)
    const authorization = `Bearer ${service.tokens.serviceToken('wallet-service')}`
    expect((await get('/loans/l1/statement', 'staff', { authorization })).status).toBe(200)
  })
  expect(reads).toEqual([])
})

test('of many reads at the same moment none is lost', async () => {
  const reads = await newlyRecorded(() =>
    Promise.all(Array.from({ length: 20 }, (_, at) => get(`/loans/m${at}/statement`))),
  )
  expect(new Set(reads.map(({ entity_id }) => entity_id)).size).toBe(20)
})

test('what cannot be put on record is not shown', async () => {
  const guard = (validator: object) => service.db.db?.command({ collMod: outbox.name, validator })
  await guard({ impossible: { $exists: true } })
  const refused = await get('/loans/l1/statement')
  await guard({})
  expect(refused.status).toBe(500)
  expect(refused.text).not.toContain('owed')
  expect((await get('/loans/l1/statement')).status).toBe(200)
})

test('who only reads does not see who somebody is', async () => {
  const [seen] = (await get('/customers', 'viewer')).body as object[]
  expect(seen).toEqual({ id: 'c1', name: 'J*** D***', email: 'c***@example.com', limit: 5 })
  expect((await get('/customers')).body).toEqual(customers)
})
