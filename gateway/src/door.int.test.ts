import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { openTokenOffice } from '@countinghouse/shared/testing/tokens'
import { registry } from '@countinghouse/shared/metrics'
import jsonwebtoken from 'jsonwebtoken'
import request from 'supertest'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway, type TestGateway } from './testing/gateway.js'

let gateway: TestGateway
let loans: LocalServer
let seen: { url: string | undefined; headers: IncomingMessage['headers'] }[]

beforeAll(async () => {
  loans = await openServer((incoming, answer) => {
    seen.push({ url: incoming.url, headers: incoming.headers })
    answer.writeHead(incoming.url?.includes('missing') ? 404 : 200, { 'content-type': 'application/json' }).end('[]')
  })
  gateway = await startTestGateway({ LOAN_URL: loans.url })
})
beforeEach(() => {
  seen = []
})
afterAll(async () => {
  await gateway.stop()
  await loans.close()
})
afterEach(() => {
  expect(JSON.stringify(gateway.lines)).not.toMatch(/bearer|eyJ/i)
})

const bearer = () => ({ authorization: `Bearer ${gateway.tokens.userToken('staff')}` })

test('every alias of a path reaches the same path of the service, and none is a redirect', async () => {
  for (const alias of ['/loans/l1?a=1', '/loans/l1/?a=1', '/api/loans/l1?a=1', '/api/v1/loans/l1/?a=1']) {
    expect((await request(gateway.url).get(alias).set(bearer())).status).toBe(200)
  }
  expect(seen.map(({ url }) => url)).toEqual(Array(4).fill('/api/v1/loans/l1?a=1'))
})

test('the answer of a service passes as it is', async () => {
  const answer = await request(gateway.url).get('/loans/missing')
  expect(answer.status).toBe(404)
  expect(answer.body).toEqual([])
})

test('an unknown path is a 404 problem', async () => {
  const answer = await request(gateway.url).get('/api/v1/nothing?x=1')
  expect(answer.status).toBe(404)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.body).toMatchObject({
    code: 'route_not_found',
    status: 404,
    detail: 'No such route: /api/v1/nothing',
    instance: '/api/v1/nothing?x=1',
    request_id: answer.headers['x-request-id'],
  })
})

test('a good token and no token at all are passed on; the services decide', async () => {
  await request(gateway.url).get('/loans').set(bearer())
  await request(gateway.url).get('/loans')
  expect(seen.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false])
})

const forged = async () => {
  const office = await openTokenOffice()
  await office.close()
  return office.userToken('admin')
}
const tampered = (token: string) => {
  const [header, , signature] = token.split('.')
  const claims = { ...(jsonwebtoken.decode(token) as object), role: 'admin' }
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
}

test.each([
  ['of another signer', 'Invalid token', async () => `Bearer ${await forged()}`],
  ['that was changed', 'Invalid token', () => `Bearer ${tampered(gateway.tokens.userToken('customer'))}`],
  [
    'without a signature',
    'Invalid token',
    () => `Bearer ${jsonwebtoken.sign({ sub: 'x' }, '', { algorithm: 'none' })}`,
  ],
  ['of a shared secret', 'Invalid token', () => `Bearer ${jsonwebtoken.sign({ sub: 'x' }, 'secret')}`],
  ['that is none', 'Invalid token', () => 'Bearer nonsense'],
  [
    'whose time is over',
    'Token expired, please login again',
    () => `Bearer ${gateway.tokens.expiredUserToken('staff')}`,
  ],
  ['of another scheme', 'Not authenticated', () => 'Basic dTpw'],
])('a token %s is refused with "%s", and no service sees it', async (_what, detail, token) => {
  const answer = await request(gateway.url)
    .get('/loans')
    .set({ authorization: await token() })
  expect(answer.status).toBe(401)
  expect(answer.headers['www-authenticate']).toBe('Bearer')
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.body).toMatchObject({ status: 401, detail, message: detail })
  expect(seen).toEqual([])
})

test('what only the platform may say is taken off a request, and said by the gateway', async () => {
  await request(gateway.url).get('/loans').set({
    'X-User-Id': 'admin',
    'X-Internal-Role': 'admin',
    'X-Forwarded-For': '1.2.3.4',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'elsewhere',
    Forwarded: 'for=1.2.3.4',
    'X-Colour': 'blue',
  })
  const headers = seen[0]?.headers ?? {}
  expect(headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': `127.0.0.1:${gateway.port.toString()}`,
    'x-colour': 'blue',
    host: new URL(loans.url).host,
  })
  for (const name of ['x-user-id', 'x-internal-role', 'forwarded']) expect(headers).not.toHaveProperty(name)
})

test('a sane request id and the trace travel to the service and back', async () => {
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${trace}-b7ad6b7169203331-01`
  const answer = await request(gateway.url).get('/loans').set({ 'X-Request-Id': 'order-7:1', traceparent })
  expect(answer.headers['x-request-id']).toBe('order-7:1')
  expect(seen[0]?.headers['x-request-id']).toBe('order-7:1')
  expect(seen[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
  expect(seen[0]?.headers['traceparent']).not.toBe(traceparent)
})

test('a request without a sane id or trace gets new ones', async () => {
  const answer = await request(gateway.url).get('/loans').set({ 'X-Request-Id': 'a b<script>', traceparent: 'x' })
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(seen[0]?.headers['x-request-id']).toBe(answer.headers['x-request-id'])
  expect(seen[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})

test('each request leaves one line in the log and one measurement, by route and never by id', async () => {
  await request(gateway.url).get('/api/v1/loans/l77').set(bearer()).set('X-Request-Id', 'the-line')
  const line = await eventually(() => {
    const found = gateway.lines.filter(({ request_id }) => request_id === 'the-line')
    expect(found).toHaveLength(1)
    return found[0]
  })
  expect(line).toMatchObject({ route: '/loans', status: 200, upstream: 'loan-service', actor: 'user:staff-user' })
  expect(line?.['trace_id']).toMatch(/^[0-9a-f]{32}$/)
  const metrics = await registry.metrics()
  expect(metrics).toMatch(/http_server_request_duration_seconds_count\{.*http_route="\/loans".*\} \d/)
  expect(metrics).not.toContain('l77')
})
