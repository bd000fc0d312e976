import { expect, test } from '@jest/globals'
import type { Headers } from '../visit.js'
import { toClientHeaders, toServiceHeaders } from './headers.js'

const own = {
  requestId: 'r-1',
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  address: '10.0.0.7',
  host: 'api.example',
  protocol: 'http',
  remainingMs: 15_000,
} as const
const ours = {
  'x-forwarded-for': '10.0.0.7',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'api.example',
  'x-request-id': 'r-1',
  'x-request-timeout': '15000',
  traceparent: own.traceparent,
}

const fromService = (headers: Headers, own: Headers = {}, isPublic = false) =>
  toClientHeaders({ headers, own, isPublic })

test('what a client says about itself reaches the service', () => {
  const said = {
    authorization: 'Bearer x',
    'content-type': 'application/json',
    'idempotency-key': 'k',
    'if-match': '"1"',
  }
  expect(toServiceHeaders(said, own)).toEqual({ ...said, ...ours })
})

test('a client cannot say what only the platform may', () => {
  const claims = {
    'x-internal-role': 'admin',
    'x-user-id': 'someone-else',
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-anything': 'x',
    'x-real-ip': '1.2.3.4',
    forwarded: 'for=1.2.3.4',
    'x-request-id': 'not sane',
    traceparent: 'nonsense',
  }
  expect(toServiceHeaders(claims, own)).toEqual(ours)
})

test('what concerns one connection goes no further, in either direction', () => {
  const hop = {
    connection: 'keep-alive, X-Once',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    upgrade: 'h2c',
    'proxy-authorization': 'Basic x',
    'x-once': '1',
  }
  expect(toServiceHeaders({ ...hop, host: 'api.example', expect: '100-continue' }, own)).toEqual(ours)
  expect(fromService(hop)).toEqual({ 'cache-control': 'no-store' })
})

test('a header that Connection names cannot take one of ours away', () => {
  expect(toServiceHeaders({ connection: 'x-forwarded-for, x-request-id, traceparent' }, own)).toEqual(ours)
})

test('every cookie of an answer is kept', () => {
  const answer = {
    'set-cookie': ['a=1', 'b=2'],
    'content-length': '2',
    etag: '"1"',
    link: '<x>; rel="next"',
    'cache-control': 'max-age=5',
  }
  expect(fromService(answer)).toEqual(answer)
})

test('an answer does not tell what made it, nor promise TLS in our name', () => {
  const telling = { server: 'x', via: '1.1 x', 'x-powered-by': 'x', 'strict-transport-security': 'max-age=1' }
  expect(fromService(telling)).toEqual({ 'cache-control': 'no-store' })
})

test('what a service does not say how to keep is not kept, or if anyone may read it, not without asking', () => {
  expect(fromService({}, {}, true)).toEqual({ 'cache-control': 'no-cache' })
  expect(fromService({ 'cache-control': 'public' })).toEqual({ 'cache-control': 'public' })
})

test('our word counts more than the one of a service, which knows best only what its page is for', () => {
  const said = { 'x-request-id': 'theirs', 'x-frame-options': 'ALLOWALL', 'content-security-policy': 'theirs' }
  const own = { 'x-request-id': 'ours', 'x-frame-options': 'DENY', 'content-security-policy': 'ours' }
  expect(fromService(said, own)).toMatchObject({ ...own, 'content-security-policy': 'theirs' })
  expect(fromService({ vary: 'Accept' }, { vary: 'Origin' })).toMatchObject({ vary: 'Accept, Origin' })
})
