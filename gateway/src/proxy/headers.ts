import type { IncomingHttpHeaders } from 'node:http'
import type { Headers } from '../visit.js'

/** What the gateway itself says about a request. */
export type OwnWords = {
  requestId: string
  traceparent: string
  address: string
  host: string | undefined
  protocol: 'http' | 'https'
  /** How long the answer is waited for. */
  remainingMs: number
}

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

// The pool sets `host`; an `expect` has been answered by the time the request is here.
const NOT_FOR_SERVICES = new Set([...HOP_BY_HOP, 'host', 'expect', 'forwarded', 'x-real-ip', 'via'])
// Only the platform may say these; a client that does is ignored.
const CLAIMS = /^x-(?:internal|user|forwarded)-/
const TELLS_OF_THE_SERVER = ['server', 'via', 'x-powered-by', 'strict-transport-security']
const NOT_FOR_CLIENTS = new Set([...HOP_BY_HOP, ...TELLS_OF_THE_SERVER])

/** The headers a service gets: the client's, without what concerns one connection or only we may say. */
export const toServiceHeaders = (incoming: IncomingHttpHeaders, own: OwnWords): Headers => {
  const headers = kept(incoming, (name) => !NOT_FOR_SERVICES.has(name) && !isClaim(name))
  headers['x-forwarded-for'] = own.address
  headers['x-forwarded-proto'] = own.protocol
  if (own.host !== undefined) headers['x-forwarded-host'] = own.host
  headers['x-request-id'] = own.requestId
  headers['x-request-timeout'] = own.remainingMs.toString()
  headers['traceparent'] = own.traceparent
  return headers
}

const isClaim = (name: string): boolean => name.startsWith('x-') && CLAIMS.test(name)

export type Answered = { headers: IncomingHttpHeaders; own: Headers; isPublic: boolean }

/**
 * The headers a client gets: the service's, without what concerns one connection or tells of the server, and the
 * gateway's, which count more. An answer that says nothing about being kept is not kept, as it may be private.
 */
export const toClientHeaders = ({ headers, own, isPublic }: Answered): Headers => {
  const result = kept(headers, (name) => !NOT_FOR_CLIENTS.has(name))
  const { vary } = result
  const chosen = chosenBy(result)
  Object.assign(result, own, chosen)
  if (vary !== undefined && own['vary'] !== undefined) result['vary'] = [vary, own['vary']].flat().join(', ')
  result['cache-control'] ??= isPublic ? 'no-cache' : 'no-store'
  return result
}

// A service that gives a page or a picture knows best what it is for.
const chosenBy = (headers: Headers): Headers => {
  const chosen: Headers = {}
  for (const name of ['content-security-policy', 'cross-origin-resource-policy'])
    if (headers[name] !== undefined) chosen[name] = headers[name]
  return chosen
}

const kept = (headers: IncomingHttpHeaders, isKept: (name: string) => boolean): Headers => {
  const nominated = nominatedBy(headers.connection)
  const result: Headers = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined && isKept(name) && !nominated?.includes(name)) result[name] = value
  }
  return result
}

// `Connection` names further headers that are meant for one hop (RFC 9110, 7.6.1); most often there is but itself.
const nominatedBy = (connection: string | string[] | undefined): string[] | undefined =>
  connection === undefined || connection === 'keep-alive' || connection === 'close'
    ? undefined
    : String(connection)
        .toLowerCase()
        .split(',')
        .map((name) => name.trim())
