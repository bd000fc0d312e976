import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { text } from 'node:stream/consumers'
import { registry } from '@countinghouse/shared/metrics'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { sendRaw } from '../testing/wire.js'

let upstream: LocalServer
let gateway: TestGateway
let seen: string[]

beforeAll(async () => {
  upstream = await openServer((request, response) => {
    seen.push(request.url ?? '')
    void text(request).then(() => response.end('[]'))
  })
  gateway = await startTestGateway({ LOAN_URL: upstream.url, HEADERS_TIMEOUT_MS: 1_000 })
})
beforeEach(() => {
  seen = []
})
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

const SMUGGLED = 'GET /loans/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const post = (headers: string, body: string) => `POST /loans HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n${body}`

test.each([
  ['two lengths', post('Content-Length: 5\r\nContent-Length: 0', `hello${SMUGGLED}`)],
  ['two lengths in one line', post('Content-Length: 0, 5', SMUGGLED)],
  [
    'a length and chunks',
    post(`Content-Length: ${SMUGGLED.length + 5}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${SMUGGLED}`),
  ],
  ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 5', `0\r\n\r\n${SMUGGLED}`)],
  ['a coding that is not chunks at last', post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${SMUGGLED}`)],
  ['a coding in disguise', post('Transfer-Encoding: xchunked', `0\r\n\r\n${SMUGGLED}`)],
  ['a folded header', post('X-One: a\r\n b\r\nContent-Length: 0', SMUGGLED)],
  ['a folded coding', post('Transfer-Encoding:\r\n chunked', `0\r\n\r\n${SMUGGLED}`)],
  ['a space before the colon', post('Content-Length : 5', `hello${SMUGGLED}`)],
  ['a line that ends by LF alone', post('X-One: a\nContent-Length: 5', `hello${SMUGGLED}`)],
  ['a negative length', post('Content-Length: -5', SMUGGLED)],
  ['a hexadecimal length', post('Content-Length: 0x5', `hello${SMUGGLED}`)],
  ['a NUL in a header', post('X-One: a\0b\r\nContent-Length: 0', SMUGGLED)],
  ['another version', `GET /loans HTTP/3.7\r\nHost: x\r\n\r\n${SMUGGLED}`],
  ['nonsense', '\x16\x03\x01 is no HTTP at all\r\n\r\n'],
])('%s: refused, the connection ends, and no service hears what follows', async (_what, bytes) => {
  const answer = await sendRaw(gateway.port, bytes)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(seen.filter((url) => url.includes('smuggled'))).toEqual([])
})

test.each([
  ['no host', ''],
  ['two hosts', 'Host: x\r\nHost: y\r\n'],
  ['a host twice', 'Host: x\r\nHost: x\r\n'],
])('a request that names %s is refused', async (_what, hosts) => {
  const answer = await sendRaw(gateway.port, `GET /loans HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer).toContain('"code":"unreadable_request"')
  expect(seen).toEqual([])
})

test('what the parser refuses is a problem like any other', async () => {
  const [head = '', body = ''] = (await sendRaw(gateway.port, 'nonsense\r\n\r\n')).split('\r\n\r\n')
  expect(head).toMatch(/content-type: application\/problem\+json/i)
  expect(head).toMatch(/connection: close/i)
  expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'unreadable_request', request_id: expect.any(String) })
  const { values } = (await registry.getSingleMetric('unreadable_requests_total')?.get()) ?? { values: [] }
  expect(values.find(({ labels }) => labels['reason'] === 'unreadable_request')?.value).toBeGreaterThan(0)
})

test.each([
  ['an address', 414, 'uri_too_long', `/loans?${'x'.repeat(9_000)}`, ''],
  ['an address beyond all measure', 414, 'uri_too_long', `/loans?${'x'.repeat(60_000)}`, ''],
  ['a header', 431, 'headers_too_large', '/loans', `X-Long: ${'x'.repeat(20_000)}\r\n`],
  ['a crowd of headers', 431, 'headers_too_large', '/loans', 'X-Many: abcdefghij\r\n'.repeat(1_500)],
])('%s that is too long is answered by %d', async (_what, status, code, url, headers) => {
  const answer = await sendRaw(gateway.port, `GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`)
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer).toContain(`"code":"${code}"`)
  expect(seen).toEqual([])
})

test('headers that fit pass, and fit the service too', async () => {
  const headers = `X-Long: ${'x'.repeat(12_500)}\r\nConnection: close\r\n`
  expect(await sendRaw(gateway.port, `GET /loans HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)).toMatch(/^HTTP\/1\.1 200 /)
})

test('a client that never ends its headers is told so and let go', async () => {
  const answer = await sendRaw(gateway.port, 'GET /loans HTTP/1.1\r\n', 'Host: x\r\n', 'X-Slow: ')
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(answer).toContain('"code":"request_timeout"')
  expect(seen).toEqual([])
})
