import type { Log } from '../log.js'
import { LATENCY_BUCKETS, histogram } from '../metrics.js'

const duration = histogram('http_server_request_duration_seconds', 'Requests served', LATENCY_BUCKETS, [
  'http_request_method',
  'http_route',
  'http_response_status_code',
])

export type Served = {
  method: string
  /** The route's pattern, never the path: a label must have few values. */
  route: string
  status: number
  /** By `performance.now`. */
  startedAt: number
}

/** What a span tells of a request that was served. */
export const spanOutcomeOf = ({ method, route, status }: Omit<Served, 'startedAt'>) => ({
  name: `${method} ${route}`,
  attributes: { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status },
  failed: status >= 500,
})

/** Measures a request that was served and writes its line of the access log. */
export const observeServed = (log: Log, { method, route, status, startedAt }: Served, more: object = {}): void => {
  const seconds = (performance.now() - startedAt) / 1000
  duration.observe({ http_request_method: method, http_route: route, http_response_status_code: status }, seconds)
  log[status >= 500 ? 'error' : 'info']({ method, route, status, ms: Math.round(seconds * 1000), ...more }, 'Request')
}
