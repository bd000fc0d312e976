import { afterAll, beforeAll, expect, test } from '@jest/globals'
import request from 'supertest'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'

const SHOP = 'https://shop.example'
let upstream: LocalServer
let gateway: TestGateway
let asked = 0

beforeAll(async () => {
  upstream = await openServer((_request, response) => {
    asked += 1
    const telling = { server: 'Secret/1.0', 'x-powered-by': 'Secret', 'x-total-count': '3', vary: 'Accept' }
    response.writeHead(200, telling).end('[]')
  })
  gateway = await startTestGateway({ LOAN_URL: upstream.url, CORS_ORIGINS: [SHOP] })
})
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

const EVERY_ANSWER: [string, string, number][] = [
  ['of a service', '/loans', 200],
  ['of a service that is away', '/items', 503],
  ['of the gateway', '/config', 200],
  ['about health', '/healthz', 200],
  ['that there is no such thing', '/nothing', 404],
  ['that nobody owns', '/docs/nothing', 404],
]

test.each(EVERY_ANSWER)('an answer %s protects itself and tells nothing of its server', async (_what, path, status) => {
  const answer = await request(gateway.url).get(path)
  expect(answer.status).toBe(status)
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    'cache-control': expect.any(String),
    'x-request-id': expect.any(String),
  })
  for (const name of ['server', 'x-powered-by', 'via', 'strict-transport-security'])
    expect(answer.headers).not.toHaveProperty(name)
})

test.each(EVERY_ANSWER)('a page of an allowed origin may read an answer %s, and how to go on', async (_what, path) => {
  const { headers } = await request(gateway.url).get(path).set('origin', SHOP)
  expect(headers['access-control-allow-origin']).toBe(SHOP)
  expect(headers['vary']).toMatch(/\bOrigin\b/)
  const exposed = headers['access-control-expose-headers']?.split(', ')
  for (const name of ['X-Total-Count', 'Link', 'ETag', 'X-Request-Id', 'RateLimit', 'Retry-After', 'Location'])
    expect(exposed).toContain(name)
})

test('what a service says of its variants is kept', async () => {
  const { headers } = await request(gateway.url).get('/loans').set('origin', SHOP)
  expect(headers['vary']).toBe('Accept, Origin')
})

test.each(['https://evil.example', 'https://shop.example.evil.example', 'null', 'http://shop.example'])(
  'a page of %s may read nothing',
  async (origin) => {
    const { headers } = await request(gateway.url).get('/loans').set('origin', origin)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers['vary']).toBe('Accept, Origin')
  },
)

const preflight = (origin: string) =>
  request(gateway.url)
    .options('/api/v1/loans')
    .set({ origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' })

test('a browser may ask before it asks, and no service hears of it', async () => {
  asked = 0
  const { status, headers, text } = await preflight(SHOP)
  expect([status, text, asked]).toEqual([204, '', 0])
  expect(headers['access-control-allow-origin']).toBe(SHOP)
  expect(headers['access-control-allow-methods']).toContain('PATCH')
  for (const name of ['Authorization', 'Idempotency-Key', 'If-Match', 'Content-Type', 'X-Purpose'])
    expect(headers['access-control-allow-headers']).toContain(name)
  expect(headers).not.toHaveProperty('access-control-allow-credentials')
})

test('to another origin the same question grants nothing', async () => {
  const { status, headers } = await preflight('https://evil.example')
  expect(status).toBe(204)
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test('an answer to someone signed in is not kept anywhere', async () => {
  const authorization = `Bearer ${gateway.tokens.userToken('staff')}`
  expect((await request(gateway.url).get('/loans').set({ authorization })).headers['cache-control']).toBe('no-store')
  expect((await request(gateway.url).get('/loans')).headers['cache-control']).toBe('no-cache')
  expect((await request(gateway.url).post('/loans')).headers['cache-control']).toBe('no-store')
})

test('methods that no route knows end here', async () => {
  asked = 0
  const answer = await request(gateway.url).trace('/loans')
  expect([answer.status, asked]).toEqual([405, 0])
  expect(answer.headers['allow']).toContain('GET')
})
