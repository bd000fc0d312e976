import type { IncomingMessage, ServerResponse } from 'node:http'
import { SettingsError, type ProcessSettings as AllSettings } from './config.js'
import { armFaultPoint } from './fault.js'
import { createHealth, type Health } from './health.js'
import { listen } from './http/listen.js'
import { createLog, type Log } from './log.js'
import { collectProcessMetrics, registry } from './metrics.js'
import { reportFaultsTo } from './reporting.js'
import { startTracing } from './tracing/otlp.js'

/** The settings without which no process runs. */
type ProcessSettings = Pick<AllSettings, 'NODE_ENV' | 'LOG_LEVEL' | 'HOST' | 'PORT' | 'METRICS_PORT' | 'FAULT_POINT'> &
  Partial<Pick<AllSettings, 'SENTRY_DSN' | 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_TRACES_SAMPLER_ARG'>>

export type ProcessKit<Settings extends ProcessSettings> = {
  settings: Settings
  log: Log
  health: Health
  /** Registers a step of the graceful stop; the last registered runs first. */
  onStop(step: () => Promise<void>): void
}

const STOP_WITHIN_MS = 10_000

/**
 * Runs a process from its settings to its graceful stop: all wrong settings named at once, health and metrics on the
 * internal port from the first moment, SIGTERM and SIGINT drain within ten seconds.
 */
export const runProcess = async <Settings extends ProcessSettings>(
  name: string,
  readSettings: () => Settings,
  start: (kit: ProcessKit<Settings>) => Promise<void>,
): Promise<void> => {
  const settings = settingsOrExit(readSettings)
  const log = createLog(name, settings.LOG_LEVEL)
  const health = createHealth()
  const steps: (() => Promise<void>)[] = []
  const stop = stopper(steps, health, log)
  const crash = (error: unknown) => {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'The process cannot go on')
    void stop(1)
  }
  process.on('SIGTERM', () => void stop(0)).on('SIGINT', () => void stop(0))
  process.on('uncaughtException', crash).on('unhandledRejection', crash)
  const started = health.waitFor('start')
  try {
    armFaultPoint(settings.FAULT_POINT, settings.NODE_ENV)
    collectProcessMetrics(name)
    const internal = await listen(internalRoutes(health), {
      host: settings.HOST,
      port: settings.METRICS_PORT,
      setting: 'METRICS_PORT',
    })
    steps.push(() => internal.close())
    reportFaultsTo(settings.SENTRY_DSN, { service: name, environment: settings.NODE_ENV })
    const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: sampled = 1 } = settings
    steps.push(await startTracing({ service: name, endpoint, sampled }))
    await start({ settings, log, health, onStop: (step) => steps.push(step) })
    started()
    log.info({ port: settings.PORT }, `${name} listens on port ${settings.PORT.toString()}`)
  } catch (error) {
    crash(error)
  }
}

const settingsOrExit = <Settings>(readSettings: () => Settings): Settings => {
  try {
    return readSettings()
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(78)
  }
}

const stopper = (steps: (() => Promise<void>)[], health: Health, log: Log) => {
  let stopping = false
  return async (code: number): Promise<void> => {
    if (stopping) return
    stopping = true
    health.drain()
    setTimeout(() => {
      log.error('Did not stop in time')
      process.exit(code || 1)
    }, STOP_WITHIN_MS).unref()
    for (const step of steps.reverse()) {
      await step().catch((error: unknown) => {
        log.warn({ err: error }, 'A step of the stop failed')
      })
    }
    log.info('Stopped')
    process.exit(code)
  }
}

const internalRoutes = (health: Health) => (request: IncomingMessage, response: ServerResponse) => {
  answerInternal(health, request, response).catch(() => response.writeHead(500).end())
}

const answerInternal = async (health: Health, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const json = { 'content-type': 'application/json' }
  switch (request.url) {
    case '/healthz':
      response.writeHead(200, json).end('{"status":"ok"}')
      return
    case '/readyz': {
      const report = await health.report()
      response.writeHead(report.status === 'ready' ? 200 : 503, json).end(JSON.stringify(report))
      return
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics())
      return
    default:
      response.writeHead(404).end()
  }
}
