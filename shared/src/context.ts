import { AsyncLocalStorage } from 'node:async_hooks'
import { takeRandom } from './random.js'

/** What travels with a piece of work from the edge to the last event it causes. */
export type WorkContext = {
  readonly requestId: string
  readonly traceparent: string
  /** Who acts: `user:<id>`, `service:<name>` or `anonymous`. */
  actor: string
  readonly correlationId: string
  /** The event that caused this work, when one did. */
  readonly causationId?: string
}

const storage = new AsyncLocalStorage<WorkContext | undefined>()

export const runInContext = <T>(context: WorkContext | undefined, work: () => T): T => storage.run(context, work)
export const currentContext = (): WorkContext | undefined => storage.getStore()

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/
const REQUEST_ID = /^[\w.:-]{1,128}$/

/** Continues the caller's W3C trace with a span of our own, or begins a new one. */
export const nextTraceparent = (incoming?: string): string => {
  const traceId = TRACEPARENT.exec(incoming ?? '')?.[1] ?? takeRandom(16).toString('hex')
  return `00-${traceId}-${takeRandom(8).toString('hex')}-01`
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35)

/** The caller's request id if it is sane, else a new one. */
export const toRequestId = (incoming: string | undefined, fresh: () => string): string =>
  incoming !== undefined && REQUEST_ID.test(incoming) ? incoming : fresh()
