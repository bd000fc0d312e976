import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { RequestListener } from 'node:http'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { toOpenApi } from '@countinghouse/shared/http/openapi'
import { createLog } from '@countinghouse/shared/log'
import { z } from 'zod'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { SERVICES, type ServiceName } from '../routing.js'
import { createCatalogue } from './catalogue.js'
import { ownPaths } from './own.js'

const tells: Record<string, string[]> = {
  'auth-service': ['/auth/login'],
  'wallet-service': ['/wallet', '/users/:id/accounts'],
  'loan-service': ['/loans', '/loans/:id'],
  'inventory-service': ['/items', '/items/:id'],
  'reporting-service': ['/reports/portfolio'],
}
const documentOf = (service: string) =>
  toOpenApi(
    service,
    (tells[service] ?? []).map((path) =>
      endpoint({
        method: 'get',
        path,
        summary: 'Read it',
        tag: service,
        access: ['staff'],
        ...(path.includes(':id') && { params: z.object({ id: z.string() }) }),
        view: z.object({ id: z.string() }),
        handle: () => ({ id: 'x' }),
      }),
    ),
    {},
  )

const answers = new Map<ServiceName, RequestListener>()
const urls: Partial<Record<ServiceName, string>> = {}
const upstreams: LocalServer[] = []

beforeAll(async () => {
  for (const service of SERVICES) {
    const upstream = await openServer((request, response) => void answers.get(service)?.(request, response))
    upstreams.push(upstream)
    urls[service] = upstream.url
  }
})
afterAll(() => Promise.all(upstreams.map((upstream) => upstream.close())))

const telling =
  (document: unknown): RequestListener =>
  (request, response) =>
    response.writeHead(request.url === '/openapi.json' ? 200 : 404).end(JSON.stringify(document))
const everyoneTells = () => {
  for (const service of SERVICES) answers.set(service, telling(documentOf(service)))
}
const openCatalogue = () => {
  const clock = { nowMs: 0 }
  const log = createLog('gateway', 'silent')
  const read = createCatalogue({ urls: urls as Record<ServiceName, string>, log, now: () => clock.nowMs })
  return { read, later: (ms: number) => (clock.nowMs += ms) }
}

const refsIn = (value: unknown): string[] =>
  value !== null && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [inner as string] : refsIn(inner)))
    : []
const resolves = (document: unknown, ref: string): boolean =>
  ref
    .slice('#/'.length)
    .split('/')
    .reduce<unknown>((part, step) => (part as Record<string, unknown> | undefined)?.[step], document) !== undefined

test('the documents of all services become one, in which every reference resolves', async () => {
  everyoneTells()
  const document = await openCatalogue().read()
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/' }], info: { title: 'Countinghouse' } })
  expect(document).not.toHaveProperty('x-unavailable')
  const told = Object.values(tells).flat()
  const expected = told.map((path) => `/api/v1${path.replace(':id', '{id}')}`)
  expect(Object.keys(document.paths)).toEqual([...Object.keys(ownPaths), ...expected])
  expect(document.tags.map(({ name }) => name)).toEqual(['Operations', ...SERVICES])
  expect(Object.keys(document.components['schemas'] ?? {})).toEqual(['Problem'])
  const refs = refsIn(document)
  expect(refs.length).toBeGreaterThan(told.length)
  expect(refs.filter((ref) => !resolves(document, ref))).toEqual([])
})

test('a service that was never heard is missing and named', async () => {
  everyoneTells()
  answers.set('loan-service', (request) => request.socket.destroy())
  const document = await openCatalogue().read()
  expect(document['x-unavailable']).toEqual(['loan-service'])
  expect(Object.keys(document.paths).filter((path) => path.includes('loans'))).toEqual([])
  expect(Object.keys(document.paths)).toContain('/api/v1/items')
})

test.each([
  ['does not answer', (request: Parameters<RequestListener>[0]) => request.socket.destroy()],
  ['answers nonsense', telling('nonsense')],
  ['answers another version', telling({ ...documentOf('loan-service'), openapi: '3.0.0' })],
  [
    'answers an error',
    (_request: unknown, response: Parameters<RequestListener>[1]) => response.writeHead(503).end('{}'),
  ],
])('of a service that now %s, what it last said stays, and it is named', async (_how, answer) => {
  everyoneTells()
  const { read, later } = openCatalogue()
  const before = await read()
  answers.set('loan-service', answer)
  later(5_000)
  expect(await read()).toEqual({ ...before, 'x-unavailable': ['loan-service'] })
  everyoneTells()
  later(5_000)
  expect(await read()).toEqual(before)
})

test('the services are asked once in a few seconds, however many want to read', async () => {
  everyoneTells()
  let asked = 0
  answers.set('loan-service', (request, response) => {
    asked += 1
    telling(documentOf('loan-service'))(request, response)
  })
  const { read, later } = openCatalogue()
  await Promise.all(Array.from({ length: 20 }, read))
  later(4_999)
  await read()
  expect(asked).toBe(1)
  later(1)
  await read()
  expect(asked).toBe(2)
})
