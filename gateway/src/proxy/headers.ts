import type { IncomingHttpHeaders } from 'node:http'

export type Headers = Record<string, string | string[]>

/** What the gateway itself says about a request. */
export type OwnWords = {
  requestId: string
  traceparent: string
  address: string
  host: string | undefined
  protocol: 'http' | 'https'
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
const NOT_FOR_SERVICES = new Set([...HOP_BY_HOP, 'host', 'expect', 'forwarded', 'x-real-ip'])
// Only the platform may say these; a client that does is ignored.
const CLAIMS = /^x-(internal|user|forwarded)-/
const NOT_FOR_CLIENTS = new Set([...HOP_BY_HOP, 'x-request-id'])

/** The headers a service gets: the client's, without what concerns one connection or only we may say. */
export const toServiceHeaders = (incoming: IncomingHttpHeaders, own: OwnWords): Headers => ({
  ...kept(incoming, (name) => !NOT_FOR_SERVICES.has(name) && !CLAIMS.test(name)),
  'x-forwarded-for': own.address,
  'x-forwarded-proto': own.protocol,
  ...(own.host !== undefined && { 'x-forwarded-host': own.host }),
  'x-request-id': own.requestId,
  traceparent: own.traceparent,
})

/** The headers a client gets: the service's, without what concerns one connection. */
export const toClientHeaders = (incoming: IncomingHttpHeaders): Headers =>
  kept(incoming, (name) => !NOT_FOR_CLIENTS.has(name))

const kept = (headers: IncomingHttpHeaders, isKept: (name: string) => boolean): Headers => {
  const nominated = nominatedBy(headers.connection)
  const result: Headers = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && isKept(name) && !nominated.includes(name)) result[name] = value
  }
  return result
}

// `Connection` names further headers that are meant for one hop (RFC 9110, 7.6.1).
const nominatedBy = (connection: string | string[] | undefined): string[] =>
  connection === undefined
    ? []
    : String(connection)
        .toLowerCase()
        .split(',')
        .map((name) => name.trim())
