import { pino, type Logger } from 'pino'
import { currentContext, traceIdOf } from './context.js'

export type Log = Logger

const SECRETS = [
  'password',
  'access_token',
  'refresh_token',
  'token',
  'authorization',
  'cookie',
  'secret',
  'api_key',
  'card_number',
]

/** A JSON log on stdout in which every line carries the request and trace ids, and secrets are masked. */
export const createLog = (service: string, level: string, destination?: pino.DestinationStream): Log =>
  pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: idsOfTheCurrentWork,
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
    },
    destination ?? pino.destination(1),
  )

const idsOfTheCurrentWork = (): object => {
  const context = currentContext()
  if (!context) return {}
  return { request_id: context.requestId, trace_id: traceIdOf(context.traceparent), actor: context.actor }
}

/** A URL without its password, fit for a log. */
export const maskUrl = (url: string): string => url.replace(/\/\/([^:@/]*):[^@/]*@/, '//$1:***@')
