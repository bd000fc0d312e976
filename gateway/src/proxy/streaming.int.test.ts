import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import {
  answerOf,
  begin,
  digest,
  MEGABYTE,
  heldBytes,
  source,
  stalled,
  twiceOnOneConnection,
} from '../testing/transfer.js'

const BODY = 50 * MEGABYTE
// What the streams of client, gateway and service may hold together; the kernel holds up to 40 MB more, out of our hands.
const HELD_MAX = 8 * MEGABYTE

let gateway: TestGateway
let upstream: LocalServer
let serve: (request: IncomingMessage, response: ServerResponse) => unknown
let url: string

beforeAll(async () => {
  upstream = await openServer((request, response) => void serve(request, response))
  gateway = await startTestGateway({ LOAN_URL: upstream.url, BODY_MAX_BYTES: BODY })
  url = `${gateway.url}/loans`
})
afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

test.each([
  ['of known length', { 'content-length': BODY }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])('a service that does not read stops the client: 50 MB %s never wait in the gateway', async (_how, headers) => {
  let startReading = (): void => undefined
  const mayRead = new Promise<void>((resolve) => (startReading = resolve))
  serve = async (request, response) => response.end(await mayRead.then(() => digest(request)))
  const heldBefore = heldBytes()
  const { stream, taken } = source(BODY)
  const request = begin(url, 'POST', headers)
  const answer = answerOf(request)
  const sent = pipeline(stream, request)
  await stalled(taken)
  expect(heldBytes() - heldBefore).toBeLessThan(HELD_MAX)
  startReading()
  await sent
  expect(await text(await answer)).toBe(await digest(source(BODY).stream))
})

test('a client that does not read stops the service: an answer of 50 MB never waits in the gateway', async () => {
  const heldBefore = heldBytes()
  const { stream, taken } = source(BODY)
  serve = (_request, response) => pipeline(stream, response)
  const answer = await answerOf(begin(url).end())
  await stalled(taken)
  expect(heldBytes() - heldBefore).toBeLessThan(HELD_MAX)
  expect(await digest(answer)).toBe(await digest(source(BODY).stream))
})

test('50 MB go there and back at once, unchanged', async () => {
  serve = (request, response) => pipeline(request, response)
  const request = begin(url, 'POST', { 'content-length': BODY })
  const answer = answerOf(request)
  const sent = pipeline(source(BODY).stream, request)
  expect(await digest(await answer)).toBe(await digest(source(BODY).stream))
  await sent
})

test('an answer arrives piece by piece, as the service writes it', async () => {
  let response: ServerResponse | undefined
  serve = (_request, opened: ServerResponse) => {
    response = opened.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
  }
  const answer = await answerOf(begin(url).end())
  expect(String(await once(answer, 'data'))).toBe('data: 1\n\n')
  response?.end('data: 2\n\n')
  expect(String(await once(answer, 'data'))).toBe('data: 2\n\n')
})

test('a client that leaves before the answer cancels the work of the service', async () => {
  let hasLeft = false
  const arrived = new Promise<void>((resolve) => {
    serve = (_request, response) => {
      response.once('close', () => (hasLeft = true))
      resolve()
    }
  })
  const request = begin(url, 'POST', { 'content-length': 2, 'x-request-id': 'left-early' }).on('error', () => undefined)
  request.end('{}')
  await arrived
  request.destroy()
  await eventually(() => expect(hasLeft).toBe(true), 2_000)
  await eventually(() => expect(lineOf('left-early')).toMatchObject({ status: 499, upstream: 'loan-service' }))
})

test('a client that leaves in the middle of its body cancels the request of the service', async () => {
  let aborted = Promise.resolve<unknown>(undefined)
  const arrived = new Promise<void>((resolve) => {
    serve = (request) => {
      aborted = once(request, 'end').catch((error: unknown) => error)
      request.once('data', resolve)
    }
  })
  const request = begin(url, 'POST', { 'content-length': BODY }).on('error', () => undefined)
  request.write('the first of many')
  await arrived
  request.destroy()
  expect(await aborted).toMatchObject({ code: 'ECONNRESET' })
})

test('a client that leaves in the middle of the answer cancels the rest', async () => {
  const { stream, taken } = source(BODY)
  const ended = new Promise((resolve) => {
    serve = (_request, response) => pipeline(stream, response).catch(resolve)
  })
  const answer = await answerOf(begin(url).end())
  answer.destroy()
  expect(await ended).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
  expect(taken()).toBeLessThan(BODY)
})

test('an answer before the end of the body is passed on, and the connection stays usable', async () => {
  serve = (_request, response) => response.writeHead(413, { 'content-type': 'text/plain' }).end('too large')
  expect(await twiceOnOneConnection(url)).toEqual([413, 413])
})

test.each([
  ['HEAD', 200, { 'content-length': '1234', etag: '"1"' }],
  ['GET', 304, { etag: '"1"' }],
  ['DELETE', 204, {}],
])('an answer without a body passes: %s %d', async (method, status, headers) => {
  serve = (_request, response) => response.writeHead(status, headers).end()
  const answer = await answerOf(begin(url, method).end())
  expect(answer.statusCode).toBe(status)
  expect(answer.headers).toMatchObject(headers)
  expect(await text(answer)).toBe('')
})

test('a body of a method that seldom has one is passed on', async () => {
  serve = (request, response) => pipeline(request, response)
  const answer = await answerOf(begin(url, 'DELETE', { 'content-length': 2 }).end('{}'))
  expect(await text(answer)).toBe('{}')
})

const lineOf = (requestId: string) => gateway.lines.find((line) => line['request_id'] === requestId)
