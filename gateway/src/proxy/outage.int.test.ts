import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { RequestListener } from 'node:http'
import { registry } from '@countinghouse/shared/metrics'
import { eventually } from '@countinghouse/shared/testing/eventually'
import request from 'supertest'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { MEGABYTE, twiceOnOneConnection } from '../testing/transfer.js'

let gateway: TestGateway
let upstream: LocalServer
let serve: RequestListener

beforeAll(async () => {
  upstream = await openServer((incoming, answer) => void serve(incoming, answer))
  gateway = await startTestGateway({
    LOAN_URL: upstream.url,
    REPORTING_URL: upstream.url,
    BODY_MAX_BYTES: 10 * MEGABYTE,
  })
})
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})
afterEach(() => {
  expect(gateway.lines.filter(({ message }) => message === 'A request failed')).toEqual([])
})

const unavailable = (dependency: string) => ({
  status: 503,
  code: 'dependency_unavailable',
  dependency,
  detail: `${dependency} is not available, try again shortly`,
})

test.each([
  ['a question', () => request(gateway.url).get('/api/v1/items')],
  ['a body', () => request(gateway.url).post('/api/v1/items').send({ id: 'x' })],
  [
    'a large body',
    () =>
      request(gateway.url)
        .post('/api/v1/items')
        .send({ id: 'x'.repeat(5 * MEGABYTE) }),
  ],
])('%s for a service that is down is answered by a 503 problem that names it', async (_what, ask) => {
  const answer = await ask()
  expect(answer.status).toBe(503)
  expect(answer.headers['retry-after']).toBe('1')
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.body).toMatchObject({ ...unavailable('inventory-service'), instance: '/api/v1/items' })
})

test('the connection of a refused body stays usable', async () => {
  expect(await twiceOnOneConnection(`${gateway.url}/items`)).toEqual([503, 503])
})

test('a service that hangs up without an answer is not available', async () => {
  serve = (incoming) => incoming.socket.destroy()
  const answer = await request(gateway.url).post('/loans').send({ amount: 1 })
  expect(answer.body).toMatchObject(unavailable('loan-service'))
})

test('a service that breaks off its answer breaks off ours, so that nobody takes half for the whole', async () => {
  serve = (incoming, answer) => {
    answer.writeHead(200, { 'content-length': 100 }).write('half', () => incoming.socket.destroy())
  }
  const answer = await fetch(`${gateway.url}/loans`, { headers: { 'x-request-id': 'broken-off' } })
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow()
  await eventually(() => {
    const line = gateway.lines.find(({ request_id }) => request_id === 'broken-off')
    expect(line).toMatchObject({ status: 502, level: 'error' })
  })
})

const circuitOf = async (upstreamName: string): Promise<number | undefined> => {
  const { values } = (await registry.getSingleMetric('circuit_state')?.get()) ?? { values: [] }
  return values.find(({ labels }) => labels['upstream'] === upstreamName)?.value
}

test('errors that a service answers pass as they are and are no reason to stop asking it', async () => {
  serve = (_incoming, answer) =>
    answer.writeHead(500, { 'content-type': 'application/json' }).end('{"code":"internal_error"}')
  for (let time = 0; time < 30; time += 1) {
    const answer = await request(gateway.url).get('/loans')
    expect([answer.status, answer.body]).toEqual([500, { code: 'internal_error' }])
  }
  expect(await circuitOf('loan-service')).toBe(0)
})

test('clients that lose patience are no reason to stop asking a service', async () => {
  for (let time = 0; time < 12; time += 1) {
    const impatient = new AbortController()
    serve = () => {
      impatient.abort()
    }
    await expect(fetch(`${gateway.url}/audit`, { signal: impatient.signal })).rejects.toThrow('aborted')
  }
  serve = (_incoming, answer) => answer.end('[]')
  expect((await request(gateway.url).get('/audit')).status).toBe(200)
  expect(await circuitOf('reporting-service')).toBe(0)
})

test('a service that never answers is left alone for a while, and found again when it is back', async () => {
  let isAway = true
  let asked = 0
  const wallet = await openServer((incoming, answer) => {
    asked += 1
    if (isAway) incoming.socket.destroy()
    else answer.end('[]')
  })
  const door = await startTestGateway({ WALLET_URL: wallet.url })
  const ask = () => request(door.url).get('/wallet')
  await eventually(async () => {
    await ask()
    expect(await circuitOf('wallet-service')).toBe(2)
  })
  const askedBefore = asked
  const answer = await ask()
  expect(answer.body).toMatchObject(unavailable('wallet-service'))
  expect(answer.headers['retry-after']).toBe('1')
  expect(asked).toBe(askedBefore)

  isAway = false
  await eventually(async () => expect((await ask()).status).toBe(200))
  expect(await circuitOf('wallet-service')).toBe(0)
  await Promise.all([door.stop(), wallet.close()])
})

test('a stop lets what is in flight end, and takes nothing new', async () => {
  const door = await startTestGateway({ LOAN_URL: upstream.url })
  let finish = (): void => undefined
  const arrived = new Promise<void>((resolve) => {
    serve = (_incoming, answer) => {
      finish = () => void answer.end('done')
      resolve()
    }
  })
  const answer = fetch(`${door.url}/loans`).then((response) => response.text())
  await arrived
  const stopped = door.stop()
  await expect(fetch(`${door.url}/healthz`, { headers: { connection: 'close' } })).rejects.toThrow()
  finish()
  expect(await answer).toBe('done')
  await stopped
})
