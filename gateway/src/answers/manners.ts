import type { IncomingMessage } from 'node:http'
import { PAGING_HEADERS } from '@countinghouse/shared/http/page'
import type { Source } from '../address.js'
import type { Headers } from '../visit.js'

/** What a page of another origin may read of our answers. */
const EXPOSED = [
  ...PAGING_HEADERS,
  'Content-Disposition',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
].join(', ')

const ALLOWED = [
  'Accept',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
  'traceparent',
  'X-API-Key',
  'X-Purpose',
  'X-Request-Id',
  'X-Request-Timeout',
].join(', ')
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const REMEMBERED_FOR_SECONDS = '600'

const protective = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
const onlyByTls = { ...protective, 'strict-transport-security': 'max-age=31536000; includeSubDomains' }

/** What every answer says to browsers: how to protect it, and which other origins may read it. */
export const createManners = (origins: readonly string[]) => {
  const allowedOf = originChecker(origins)
  return (request: IncomingMessage, { protocol }: Source): Headers => {
    const headers: Headers = { ...(protocol === 'https' ? onlyByTls : protective) }
    if (origins.length === 0) return headers
    const allowed = allowedOf(request.headers.origin)
    // A shared cache must not give the answer for one origin to another.
    if (allowed !== '*') headers['vary'] = 'Origin'
    if (allowed === undefined) return headers
    headers['access-control-allow-origin'] = allowed
    headers['access-control-expose-headers'] = EXPOSED
    return headers
  }
}

const originChecker = (origins: readonly string[]): ((origin: string | undefined) => string | undefined) => {
  if (origins.includes('*')) return () => '*'
  const known = new Set(origins)
  return (origin) => (origin !== undefined && known.has(origin) ? origin : undefined)
}

/** Whether a browser asks if it may ask. */
export const isPreflight = ({ method, headers }: IncomingMessage): boolean =>
  method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined

/** The answer to a preflight; to an origin that is not allowed it grants nothing. */
export const preflightHeaders = (manners: Headers): Headers => ({
  ...manners,
  ...(manners['access-control-allow-origin'] !== undefined && {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': ALLOWED,
    'access-control-max-age': REMEMBERED_FOR_SECONDS,
  }),
})
