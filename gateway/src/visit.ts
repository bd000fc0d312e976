import type { IncomingMessage, ServerResponse } from 'node:http'
import { toRequestId, traceIdOf } from '@countinghouse/shared/context'
import { observeServed, spanOutcomeOf } from '@countinghouse/shared/http/observe'
import { canonicalUrl } from '@countinghouse/shared/http/path'
import type { Log } from '@countinghouse/shared/log'
import { beginSpan } from '@countinghouse/shared/tracing/span'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Source } from './address.js'

export type Headers = Record<string, string | string[]>

/** One request on its way through the gateway. */
export type Visit = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As the client wrote it. */
  readonly calledUrl: string
  /** Below the API's base: the same for every alias of a path. */
  readonly url: string
  readonly source: Source
  readonly requestId: string
  readonly traceparent: string
  /** By `performance.now`. */
  readonly arrivedAt: number
  /** What the gateway adds to the answer, whoever gives it. */
  readonly headers: Headers
  route: string
  owner: string
  actor: string
  /** Gives back the visit's place among those in flight. */
  leave: () => void
}

export type VisitDeps = {
  log: Log
  findSource: (request: IncomingMessage) => Source
  /** What every answer to this request carries. */
  manners: (request: IncomingMessage, source: Source) => Headers
}

const CLIENT_LEFT = 499
const SERVICE_BROKE_OFF = 502

/** Gives a request its ids, and sees to it that its end is measured and logged. */
export const beginVisit = (request: IncomingMessage, response: ServerResponse, deps: VisitDeps): Visit => {
  const calledUrl = request.url ?? '/'
  const source = deps.findSource(request)
  const parent = headerOf(request, 'traceparent')
  const span = beginSpan({ name: request.method ?? '', kind: 'server', parent })
  const visit: Visit = {
    request,
    response,
    calledUrl,
    url: canonicalUrl(calledUrl),
    source,
    requestId: toRequestId(headerOf(request, 'x-request-id'), uuidv7),
    traceparent: span.traceparent,
    arrivedAt: performance.now(),
    headers: deps.manners(request, source),
    route: 'none',
    owner: 'gateway',
    actor: 'anonymous',
    leave: () => undefined,
  }
  visit.headers['x-request-id'] = visit.requestId
  response.once('close', () => {
    visit.leave()
    const status = statusOf(response)
    const served = { method: request.method ?? '', route: visit.route, status, startedAt: visit.arrivedAt }
    span.end(spanOutcomeOf(served))
    observeServed(deps.log, served, { upstream: visit.owner, actor: visit.actor, ...idsOf(visit) })
  })
  return visit
}

/** What each line of the log about this visit carries; the proxy's path does without AsyncLocalStorage, which costs. */
export const idsOf = ({ requestId, traceparent }: Visit) => ({
  request_id: requestId,
  trace_id: traceIdOf(traceparent),
})

const statusOf = (response: ServerResponse): number => {
  if (response.writableFinished) return response.statusCode
  return response.errored ? SERVICE_BROKE_OFF : CLIENT_LEFT
}

const headerOf = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}
