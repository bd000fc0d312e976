import { randomUUID } from 'node:crypto'
import { currentContext, traceIdOf } from './context.js'
import { maskSecrets } from './logMask.js'

type About = { service: string; environment: string }
type Report = (error: Error, message: string, isFatal: boolean) => void

let report: Report | undefined

/** Tells the error reporter, where there is one; every error that is logged as one comes by here. */
export const reportFault: Report = (...fault) => report?.(...fault)

const SAME_AGAIN_AFTER_MS = 60_000
const TIMEOUT_MS = 5_000

/** Reports faults to a server of Sentry's protocol from now on, the same one at most once a minute; without one, nobody. */
export const reportFaultsTo = (dsn: string | undefined, about: About): void => {
  if (dsn === undefined) return
  const { username: key, origin, pathname } = new URL(dsn)
  const [, prefix = '', project = ''] = /^(.*)\/([^/]+)$/.exec(pathname) ?? []
  const address = `${origin.replace(`${key}@`, '')}${prefix}/api/${project}/envelope/`
  const told = new Map<string, number>()
  report = (error, message, isFatal) => {
    const name = `${error.name}: ${error.message}`
    if (Date.now() - (told.get(name) ?? 0) < SAME_AGAIN_AFTER_MS) return
    if (told.size > 1000) told.clear()
    told.set(name, Date.now())
    const headers = {
      'content-type': 'application/x-sentry-envelope',
      'x-sentry-auth': `Sentry sentry_version=7, sentry_client=countinghouse/1.0, sentry_key=${key}`,
    }
    const body = envelopeOf(toEvent(error, { message, isFatal, ...about }))
    // A reporter that is away is no reason for another fault.
    fetch(address, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => undefined)
  }
}

type Fault = About & { message: string; isFatal: boolean }

const toEvent = (error: Error, { message, isFatal, service, environment }: Fault) => {
  const context = currentContext()
  const { err } = maskSecrets({ err: error }) as { err: { type?: string; message?: string } }
  return {
    event_id: randomUUID().replaceAll('-', ''),
    timestamp: Date.now() / 1000,
    platform: 'node',
    level: isFatal ? 'fatal' : 'error',
    environment,
    logentry: { formatted: message },
    tags: { service, ...(context && { request_id: context.requestId, trace_id: traceIdOf(context.traceparent) }) },
    exception: { values: [{ type: error.name, value: err.message, stacktrace: { frames: framesOf(error) } }] },
  }
}

const FRAME = /^\s*at (?:(.*?) \()?(.*?):(\d+):(\d+)\)?$/

// Sentry wants the innermost frame last.
const framesOf = ({ stack = '' }: Error) =>
  stack
    .split('\n')
    .flatMap((line) => {
      const [, name = '?', filename = '', row, column] = FRAME.exec(line) ?? []
      return filename === '' ? [] : [{ function: name, filename, lineno: Number(row), colno: Number(column) }]
    })
    .reverse()

const envelopeOf = (event: { event_id: string }): string =>
  [{ event_id: event.event_id, sent_at: new Date().toISOString() }, { type: 'event' }, event]
    .map((part) => JSON.stringify(part))
    .join('\n')
