import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { registry } from '@countinghouse/shared/metrics'
import { eventually } from '@countinghouse/shared/testing/eventually'
import request from 'supertest'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { answerOf, begin, MEGABYTE, source } from '../testing/transfer.js'

let upstream: LocalServer
let gateway: TestGateway
let serve: RequestListener
const TIMEOUT_MS = 1_500

beforeAll(async () => {
  upstream = await openServer((incoming, answer) => void serve(incoming, answer))
  gateway = await startTestGateway({
    LOAN_URL: upstream.url,
    INVENTORY_URL: upstream.url,
    REPORTING_URL: upstream.url,
    BODY_MAX_BYTES: MEGABYTE,
    UPLOAD_MAX_BYTES: 3 * MEGABYTE,
    REQUEST_TIMEOUT_MS: TIMEOUT_MS,
    IN_FLIGHT_PER_SERVICE_MAX: 5,
  })
})
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

const retries = async () => {
  const { values } = (await registry.getSingleMetric('upstream_retries_total')?.get()) ?? { values: [] }
  return values.find(({ labels }) => labels['upstream'] === 'loan-service')?.value ?? 0
}
/** Hangs up on the first so many requests, and answers the others with what they sent. */
const hangUpOn = (count: number) => {
  const bodies: string[] = []
  serve = (incoming, answer) =>
    void text(incoming).then((body) => {
      bodies.push(body)
      if (bodies.length <= count) incoming.socket.destroy()
      else answer.end(JSON.stringify({ body }))
    })
  return bodies
}

test('a question that broke off is asked once more, and the client does not notice', async () => {
  const bodies = hangUpOn(1)
  const before = await retries()
  expect((await request(gateway.url).get('/loans')).status).toBe(200)
  expect([bodies.length, (await retries()) - before]).toEqual([2, 1])
})

test('a payment with a key is sent once more, with the same body; without a key it is not', async () => {
  hangUpOn(1)
  const pay = () => request(gateway.url).post('/loans/l1/repayments')
  const paid = await pay().set('idempotency-key', 'k-1').send({ amount: 1 })
  expect(JSON.parse(paid.text)).toEqual({ body: '{"amount":1}' })
  const bodies = hangUpOn(1)
  expect((await pay().send({ amount: 1 })).status).toBe(503)
  expect(bodies).toHaveLength(1)
})

test('there is one retry, not two', async () => {
  const bodies = hangUpOn(2)
  expect((await request(gateway.url).get('/loans')).status).toBe(503)
  expect(bodies).toHaveLength(2)
})

test('an answer that broke off after it began is never asked for again', async () => {
  let asked = 0
  serve = (incoming, answer) => {
    asked += 1
    answer.writeHead(200, { 'content-length': 100 }).write('half', () => incoming.socket.destroy())
  }
  const answer = await fetch(`${gateway.url}/loans`)
  await expect(answer.text()).rejects.toThrow()
  expect(asked).toBe(1)
})

test('a service is told how long its answer is waited for; a client may say less, but not more', async () => {
  let told: IncomingHttpHeaders = {}
  serve = (incoming, answer) => {
    told = incoming.headers
    answer.end('[]')
  }
  const toldFor = async (said: string) => {
    await request(gateway.url).get('/loans').set('x-request-timeout', said)
    return Number(told['x-request-timeout'])
  }
  for (const said of ['', '60000', '-1', 'soon']) expect(await toldFor(said)).toBeGreaterThan(TIMEOUT_MS - 500)
  expect(await toldFor('60000')).toBeLessThanOrEqual(TIMEOUT_MS)
  expect(await toldFor('700')).toBeLessThanOrEqual(700)
})

test('a service that does not begin to answer in time is let go, and the client is told', async () => {
  let hasLeft = false
  serve = (_incoming, answer) => void answer.once('close', () => (hasLeft = true))
  const answer = await request(gateway.url).get('/reports/stock')
  expect(answer.body).toMatchObject({ status: 503, code: 'dependency_unavailable', dependency: 'reporting-service' })
  await eventually(() => expect(hasLeft).toBe(true))
})

test('what would only wait is refused at once, while other services and health are answered', async () => {
  const finish: (() => void)[] = []
  serve = (incoming, answer) => {
    if (incoming.url?.includes('items')) finish.push(() => void answer.end('[]'))
    else answer.end('[]')
  }
  const waiting = Array.from({ length: 4 }, async () => (await fetch(`${gateway.url}/items`)).status)
  await eventually(() => expect(finish).toHaveLength(4))
  const refused = await request(gateway.url).get('/items')
  expect(refused.body).toMatchObject({ status: 503, code: 'overloaded' })
  expect(refused.headers['retry-after']).toBe('1')
  expect((await request(gateway.url).get('/loans')).status).toBe(200)
  expect((await request(gateway.url).get('/healthz')).status).toBe(200)
  const metrics = await registry.metrics()
  expect(metrics).toMatch(/http_server_active_requests\{upstream="inventory-service"\} 4/)
  expect(metrics).toMatch(/shed_total\{reason="service_in_flight"\} [1-9]/)
  for (const end of finish) end()
  expect(await Promise.all(waiting)).toEqual([200, 200, 200, 200])
  serve = (_incoming, answer) => answer.end('[]')
  expect((await request(gateway.url).get('/items')).status).toBe(200)
})

const post = async (size: number, headers: Record<string, string | number>) => {
  const sent = begin(`${gateway.url}/loans`, 'POST', headers).on('error', () => undefined)
  const answer = answerOf(sent)
  void pipeline(source(size).stream, sent).catch(() => undefined)
  const { statusCode } = await answer
  return { statusCode, body: JSON.parse(await text(await answer)) as unknown }
}

test.each([
  ['JSON by its length', { 'content-type': 'application/json', 'content-length': 2 * MEGABYTE }, MEGABYTE],
  ['JSON by its chunks', { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }, MEGABYTE],
  ['a problem by its length', { 'content-type': 'application/problem+json', 'content-length': 2 * MEGABYTE }, MEGABYTE],
  ['something without a type', { 'transfer-encoding': 'chunked' }, MEGABYTE],
  ['an image', { 'content-type': 'image/png', 'content-length': 4 * MEGABYTE }, 3 * MEGABYTE],
  [
    'a form with files',
    { 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' },
    3 * MEGABYTE,
  ],
])('%s that is too large is refused with 413', async (_what, headers, limit) => {
  serve = (incoming, answer) =>
    void text(incoming).then(
      (body) => answer.end(JSON.stringify(body.length)),
      () => undefined,
    )
  const size = 'content-length' in headers ? headers['content-length'] : 4 * MEGABYTE
  const { statusCode, body } = await post(size, headers)
  expect([statusCode, body]).toMatchObject([413, { code: 'payload_too_large', limit }])
  expect((await request(gateway.url).get('/healthz')).status).toBe(200)
})

test('an upload may be larger than JSON', async () => {
  serve = (incoming, answer) => void text(incoming).then((body) => answer.end(JSON.stringify(body.length)))
  const { statusCode, body } = await post(2 * MEGABYTE, { 'content-type': 'image/png', 'transfer-encoding': 'chunked' })
  expect([statusCode, body]).toEqual([200, 2 * MEGABYTE])
})
