import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { canonicalJson } from '../canonicalJson.js'
import { claimOf } from '../idempotency.js'
import { type Refusal, commonRefusals, refuse } from '../refusal.js'
import { endpoint } from './endpoint.js'
import { toOpenApi } from './openapi.js'
import { Feed, Page, decodeCursor, feedHeaders, pageHeaders } from './page.js'
import { canonicalUrl } from './path.js'
import { problemHeaders, toProblem, validationRefusal } from './problem.js'
import { createRouter } from './router.js'
import { fromWire, toWire } from './wire.js'

test.each([
  ['/api/v1/loans/', '/loans'],
  ['/api/loans?page=2', '/loans?page=2'],
  ['/loans', '/loans'],
  ['/api', '/'],
  ['/apiary', '/apiary'],
  ['/api/v1/files/a%2Fb/?x=/api/', '/files/a%2Fb?x=/api/'],
])('%s means %s', (url, canonical) => {
  expect(canonicalUrl(url)).toBe(canonical)
})

const routeOf = (method: 'get' | 'post', path: string) =>
  endpoint({ ...{ method, path, summary: '', tag: '', access: 'public' }, view: z.object({}), handle: () => ({}) })
const router = createRouter([
  routeOf('get', '/loans/:id'),
  routeOf('get', '/loans/summary'),
  routeOf('post', '/loans/:id/notes/:noteId'),
  routeOf('post', '/loans/apply'),
])

test.each([
  ['GET', '/loans/7', '/loans/:id', { id: '7' }],
  ['HEAD', '/loans/a%2Fb', '/loans/:id', { id: 'a/b' }],
  ['GET', '/loans/summary', '/loans/summary', {}],
  ['GET', '/loans/apply', '/loans/:id', { id: 'apply' }],
  ['POST', '/Loans/Ab/notes/9', '/loans/:id/notes/:noteId', { id: 'Ab', noteId: '9' }],
])('%s %s is served by %s', (method, path, served, params) => {
  expect(router.find(method, path)).toMatchObject({ spec: { path: served }, params })
})

test.each([
  ['DELETE', '/loans/7', ['GET']],
  ['GET', '/loans/7/notes/9', ['POST']],
  ['PUT', '/loans/apply', ['GET', 'POST']],
  ['GET', '/loans', []],
  ['GET', '/loans/7/8', []],
  ['GET', '/loans/%zz', []],
])('%s %s is served by nothing, which is asked by %j', (method, path, methods) => {
  expect(router.find(method, path)).toBeUndefined()
  expect(router.methodsAt(path)).toEqual(methods)
})

test('records cross the border by name: camel case inside, snake case outside, dates as text', () => {
  const createdAt = new Date('2026-11-21T09:30:00Z')
  expect(toWire({ lowStockThreshold: 5, createdAt })).toEqual({
    low_stock_threshold: 5,
    created_at: '2026-11-21T09:30:00.000Z',
  })
  expect(fromWire({ low_stock_threshold: 5, size: undefined })).toEqual({ lowStockThreshold: 5 })
})

test('a page says how many there are and links its neighbours, keeping the filter', () => {
  const headers = pageHeaders(new Page([1, 2], 45, { page: 2, page_size: 20 }), '/api/v1/items?type=bottle&page=2')
  expect(headers).toMatchObject({ 'X-Total-Count': '45', 'X-Page': '2', 'X-Page-Size': '20' })
  expect(headers['Link']).toBe(
    ['first', 'prev', 'next', 'last']
      .map((relation, index) => `</api/v1/items?type=bottle&page=${[1, 1, 3, 3][index]}>; rel="${relation}"`)
      .join(', '),
  )
})

test('what is on a page is counted only when more may follow, or none is on it', async () => {
  const count = () => Promise.resolve(45)
  const totalOf = async (items: number, page: number) =>
    (await Page.of(Array.from({ length: items }), { page, page_size: 20 }, count)).total
  expect([await totalOf(3, 1), await totalOf(0, 1), await totalOf(3, 3)]).toEqual([3, 0, 43])
  expect([await totalOf(20, 1), await totalOf(0, 9)]).toEqual([45, 45])
})

test('an empty list has one page', () => {
  expect(pageHeaders(new Page([], 0, { page: 1, page_size: 20 }), '/items')['Link']).not.toContain('next')
})

test('a feed goes on by an opaque cursor until it ends', () => {
  const more = Feed.of(['c', 'b', 'a'], 2, (key) => key)
  expect(more.items).toEqual(['c', 'b'])
  expect(decodeCursor(more.nextCursor ?? '')).toBe('b')
  expect(feedHeaders(more, '/ledger/entries?page_size=2')['Link']).toContain('rel="next"')
  expect(
    feedHeaders(
      Feed.of(['a'], 2, (key) => key),
      '/ledger/entries',
    ),
  ).toEqual({})
})

const options = { instance: '/loans/1', requestId: 'r-1', showFaults: false }

test('a refusal is told in full, with its context on top', () => {
  expect(toProblem(refuse('route_not_found', { path: '/x' }), options)).toMatchObject({
    status: 404,
    code: 'route_not_found',
    detail: 'No such route: /x',
    message: 'No such route: /x',
    path: '/x',
    instance: '/loans/1',
    request_id: 'r-1',
  })
})

test('a fault tells nothing internal, except in development', () => {
  const secret = new Error('connect ECONNREFUSED db.internal')
  expect(toProblem(secret, options)).toMatchObject({
    status: 500,
    detail: 'Internal Server Error',
    error: 'Internal Server Error',
  })
  expect(JSON.stringify(toProblem(secret, options))).not.toContain('db.internal')
  expect(toProblem(secret, { ...options, showFaults: true }).detail).toContain('db.internal')
})

test('who is not known is told how to authenticate, who comes at a bad time when to come again', () => {
  const headersOf = (error: Refusal) => problemHeaders(toProblem(error, options))
  expect(headersOf(refuse('unauthenticated'))).toMatchObject({ 'www-authenticate': 'Bearer' })
  expect(headersOf(refuse('busy'))).toMatchObject({ 'retry-after': '1' })
})

test('a broken schema is told place by place, in the words of the sources', () => {
  const schema = z.strictObject({ quantity: z.number().gt(0), lines: z.array(z.object({ price: z.number() })) })
  const input = { quantity: 0, lines: [{}], extra: 1 }
  const { error } = schema.safeParse(input, { reportInput: true })
  expect(error && validationRefusal('body', error).context['errors']).toEqual([
    { loc: ['body', 'quantity'], msg: 'ensure this value is greater than 0', type: 'value_error.number.not_gt' },
    { loc: ['body', 'lines', 0, 'price'], msg: 'field required', type: 'value_error.missing' },
    { loc: ['body', 'extra'], msg: 'extra fields not permitted', type: 'value_error.extra' },
  ])
})

test('equal payloads have equal fingerprints, however they were written', () => {
  expect(canonicalJson({ b: 1, a: [{ d: 1n, c: undefined }] })).toBe('{"a":[{"d":1n}],"b":1}')
  const odd = '"\\\u0007 é\ud800'
  expect(canonicalJson({ [odd]: odd })).toBe(JSON.stringify({ [odd]: odd }))
  const scope = { actor: 'user:ann', operation: 'post /loans/apply', key: 'k' }
  expect(claimOf(scope, { a: 1, b: 2 })).toEqual(claimOf(scope, { b: 2, a: 1 }))
  expect(claimOf(scope, { a: 1 }).fingerprint).not.toBe(claimOf(scope, { a: 2 }).fingerprint)
  expect(claimOf({ ...scope, actor: 'user:ben' }, { a: 1 }).id).not.toBe(claimOf(scope, { a: 1 }).id)
})

const route = endpoint({
  method: 'post',
  path: '/things/:id',
  summary: 'Make a thing',
  tag: 'Things',
  access: ['admin'],
  status: 201,
  idempotent: true,
  params: z.object({ id: z.string() }),
  body: z.strictObject({ name: z.string() }),
  view: z.object({ id: z.string() }),
  refusals: ['thing_exists'],
  example: { body: { name: 'a' }, view: { id: '1' } },
  handle: () => ({ id: '1' }),
})

test('a route is documented with its input, its answer and each refusal it can give', () => {
  const document = toOpenApi('thing-service', [route], { thing_exists: { status: 409, sentence: 'It exists' } })
  const operation = document.paths['/api/v1/things/{id}']?.['post'] as { responses: object; requestBody: object }
  expect(Object.keys(operation.responses)).toEqual([
    ...['201', '400', '401', '403', '409', '413', '415', '422', '500', '503'],
  ])
  expect(operation).toMatchObject({
    operationId: 'postThingsId',
    parameters: [
      { name: 'id', in: 'path', required: true },
      { name: 'Idempotency-Key', in: 'header' },
    ],
    requestBody: { content: { 'application/json': { example: { name: 'a' } } } },
  })
})

test('what routes have in common is written once: their refusals, and a view that is long', () => {
  const view = z.object(Object.fromEntries([...'abcdefghij'].map((name) => [name, z.string()])))
  const reading = (path: string) =>
    endpoint({ method: 'get', path, summary: 'Read it', tag: 'Things', access: ['staff'], view, handle: () => ({}) })
  const { paths, components } = toOpenApi('thing-service', [reading('/things/one'), reading('/things/two')], {})
  for (const path of ['/api/v1/things/one', '/api/v1/things/two'])
    expect(paths[path]?.['get']).toMatchObject({
      responses: {
        200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/GetThingsOneAnswer' } } } },
        403: { $ref: '#/components/responses/Forbidden' },
      },
    })
  expect(Object.keys(components.schemas)).toEqual(['Problem', 'GetThingsOneAnswer'])
  expect(components.responses['Forbidden']).toMatchObject({ description: expect.stringContaining('`forbidden`') })
})

test('a route cannot name a refusal that is in no table', () => {
  expect(() => toOpenApi('thing-service', [route], {})).toThrow('unknown refusal: thing_exists')
  expect(Object.values(commonRefusals).every(({ status }) => status >= 400)).toBe(true)
})
