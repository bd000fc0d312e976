import { pino, type Logger } from 'pino'
import { currentContext, traceIdOf } from './context.js'
import { maskSecrets } from './logMask.js'
import { reportFault } from './reporting.js'

export type Log = Logger

/** A JSON log on stdout in which every line carries the request and trace ids, and secrets are masked. */
export const createLog = (service: string, level: string, destination?: pino.DestinationStream): Log => {
  const log = pino(
    {
      level,
      base: { service },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: maskSecrets },
      // The mask has made fields of it already.
      serializers: { err: (fields: unknown) => fields },
      mixin: idsOfTheCurrentWork,
      hooks: { logMethod: reportErrors },
    },
    // Written while the next lines are made, and to the last line when the process ends.
    destination ?? pino.destination({ dest: 1, sync: false }),
  )
  const plainChild = log.child as unknown as Child
  const maskedChild: Child = function (bindings, options) {
    return plainChild.call(this, maskSecrets(bindings), options)
  }
  return Object.assign(log, { child: maskedChild })
}

const ERROR_LEVEL = 50

const reportErrors: NonNullable<NonNullable<pino.LoggerOptions['hooks']>['logMethod']> = function (
  args,
  method,
  level,
) {
  const [fields, message = ''] = args as unknown as [{ err?: unknown } | undefined, string?]
  if (level >= ERROR_LEVEL && fields?.err instanceof Error) reportFault(fields.err, message, level > ERROR_LEVEL)
  method.apply(this, args)
}

type Child = (this: Log, bindings: pino.Bindings, options?: pino.ChildLoggerOptions) => Log

const idsOfTheCurrentWork = (): object => {
  const context = currentContext()
  if (!context) return {}
  return { request_id: context.requestId, trace_id: traceIdOf(context.traceparent), actor: context.actor }
}

/** A URL without its password, fit for a log. */
export const maskUrl = (url: string): string => url.replace(/\/\/([^:@/]*):[^@/]*@/, '//$1:***@')
