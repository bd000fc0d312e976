import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runInContext } from './context.js'
import { createLog } from './log.js'
import { reportFaultsTo } from './reporting.js'
import { eventually } from './testing/eventually.js'

const received: { url: string | undefined; auth: unknown; parts: Record<string, unknown>[] }[] = []
let server: Server
beforeAll(async () => {
  server = createServer((request, response) => {
    void keep(request).then(() => response.end('{}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  reportFaultsTo('http://k@127.0.0.1:1/1', { service: 'none', environment: 'test' })
  server.closeAllConnections()
  server.close()
})

const keep = async (request: IncomingMessage): Promise<void> => {
  const lines = (await buffer(request)).toString().split('\n')
  const parts = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  received.push({ url: request.url, auth: request.headers['x-sentry-auth'], parts })
}

test('an error that is logged is reported once a minute, with its place and its trace', async () => {
  const { port } = server.address() as AddressInfo
  reportFaultsTo(`http://publickey@127.0.0.1:${port}/base/42`, { service: 'wallet-service', environment: 'test' })
  const log = createLog('wallet-service', 'info', { write: () => undefined }).child({ part: 'x' })
  const work = {
    requestId: 'r1',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    actor: 'x',
    correlationId: 'r1',
  }
  const error = new TypeError('no such thing')
  runInContext(work, () => log.error({ err: error }, 'A request failed'))
  runInContext(work, () => log.error({ err: error }, 'A request failed'))
  log.warn({ err: new Error('only a warning') }, 'Careful')
  log.error('without an error')
  await eventually(() => expect(received).toHaveLength(1))
  const [{ url, auth, parts } = { url: '', auth: '', parts: [] }] = received
  expect(url).toBe('/base/api/42/envelope/')
  expect(auth).toContain('sentry_key=publickey')
  expect(parts[1]).toEqual({ type: 'event' })
  expect(parts[2]).toMatchObject({
    ...{ level: 'error', environment: 'test', logentry: { formatted: 'A request failed' } },
    tags: { service: 'wallet-service', request_id: 'r1', trace_id: 'a'.repeat(32) },
    exception: { values: [{ type: 'TypeError', value: 'no such thing', stacktrace: { frames: expect.any(Array) } }] },
  })
  const { values } = parts[2]?.['exception'] as { values: { stacktrace: { frames: { filename: string }[] } }[] }
  expect(values[0]?.stacktrace.frames.at(-1)?.filename).toContain('reporting.test')
})
