import { expect, test } from '@jest/globals'
import { toClientHeaders, toServiceHeaders } from './headers.js'

const own = {
  requestId: 'r-1',
  traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  address: '10.0.0.7',
  host: 'api.example',
  protocol: 'http',
} as const
const ours = {
  'x-forwarded-for': '10.0.0.7',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'api.example',
  'x-request-id': 'r-1',
  traceparent: own.traceparent,
}

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
  expect(toClientHeaders({ ...hop, 'x-request-id': 'theirs' })).toEqual({})
})

test('a header that Connection names cannot take one of ours away', () => {
  expect(toServiceHeaders({ connection: 'x-forwarded-for, x-request-id, traceparent' }, own)).toEqual(ours)
})

test('every cookie of an answer is kept', () => {
  const answer = { 'set-cookie': ['a=1', 'b=2'], 'content-length': '2', etag: '"1"', link: '<x>; rel="next"' }
  expect(toClientHeaders(answer)).toEqual(answer)
})
