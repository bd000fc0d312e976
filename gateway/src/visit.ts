import type { IncomingMessage, ServerResponse } from 'node:http'
import { nextTraceparent, toRequestId, traceIdOf } from '@countinghouse/shared/context'
import { observeServed } from '@countinghouse/shared/http/observe'
import { canonicalUrl } from '@countinghouse/shared/http/path'
import type { Log } from '@countinghouse/shared/log'
import { uuidv7 } from '@countinghouse/shared/uuid'

/** One request on its way through the gateway. */
export type Visit = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As the client wrote it. */
  readonly calledUrl: string
  /** Below the API's base: the same for every alias of a path. */
  readonly url: string
  readonly requestId: string
  readonly traceparent: string
  route: string
  owner: string
  actor: string
}

const CLIENT_LEFT = 499
const SERVICE_BROKE_OFF = 502

/** Gives a request its ids, and sees to it that its end is measured and logged. */
export const beginVisit = (request: IncomingMessage, response: ServerResponse, log: Log): Visit => {
  const startedAt = performance.now()
  const calledUrl = request.url ?? '/'
  const visit: Visit = {
    request,
    response,
    calledUrl,
    url: canonicalUrl(calledUrl),
    requestId: toRequestId(headerOf(request, 'x-request-id'), uuidv7),
    traceparent: nextTraceparent(headerOf(request, 'traceparent')),
    route: 'none',
    owner: 'gateway',
    actor: 'anonymous',
  }
  response.setHeader('x-request-id', visit.requestId)
  response.once('close', () => {
    const served = { method: request.method ?? '', route: visit.route, status: statusOf(response), startedAt }
    observeServed(log, served, { upstream: visit.owner, actor: visit.actor, ...idsOf(visit) })
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
