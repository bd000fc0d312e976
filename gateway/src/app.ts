import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { openAuthOffice } from '@countinghouse/shared/http/authOffice'
import { openServer } from '@countinghouse/shared/http/listen'
import type { ProcessKit } from '@countinghouse/shared/process'
import { connectRedis } from '@countinghouse/shared/redis'
import { createSourceFinder } from './address.js'
import { createManners, isPreflight, preflightHeaders } from './answers/manners.js'
import type { Settings } from './config.js'
import { createCatalogue } from './documents/catalogue.js'
import { createDoor, type Deps } from './door.js'
import { createLimiter } from './limits/commands.js'
import { createStore } from './limits/store.js'
import { createDoorServer } from './listening/server.js'
import { URL_MAX_BYTES } from './listening/unreadable.js'
import { toConfiguration } from './pages/configuration.js'
import { createPages } from './pages/routes.js'
import { createUpstream } from './proxy/upstream.js'
import { SERVICES, type ServiceName } from './routing.js'
import { createGuard } from './shedding/guard.js'
import { watchEventLoop } from './shedding/loop.js'

/** Opens the one public port: verifies tokens, hands each request to the service that owns it, shows the documents. */
export const startGateway = async (kit: ProcessKit<Settings>): Promise<void> => {
  const { settings, log, health, onStop } = kit
  const auth = openAuthOffice({ name: 'gateway', settings, log })
  onStop(() => auth.stop())

  const manners = createManners(settings.CORS_ORIGINS)
  const listener = createDoor({
    authenticate: auth.authenticate,
    forward: openUpstreams(kit),
    limit: await openLimiter(kit),
    enter: openGuard(kit),
    pages: createPages({
      health,
      readDocument: createCatalogue({ urls: serviceUrls(settings), log, now: () => performance.now() }),
      configuration: toConfiguration(settings),
    }),
    findSource: createSourceFinder(settings.TRUST_PROXY),
    manners,
    preflight: ({ request, headers }) => (isPreflight(request) ? preflightHeaders(headers) : undefined),
    urlMaxBytes: URL_MAX_BYTES,
    log,
    environment: settings.NODE_ENV,
  })
  const { server, stop } = createDoorServer({
    listener,
    headersTimeoutMs: settings.HEADERS_TIMEOUT_MS,
    tls: tlsOf(settings),
    log,
  })
  onStop(() => Promise.resolve(stop()))
  const door = await openServer(server, { host: settings.HOST, port: settings.PORT, setting: 'PORT' })
  onStop(() => door.close())

  const stopWaiting = new AbortController()
  onStop(() => Promise.resolve(stopWaiting.abort()))
  void whenAnswered(() => auth.prepare(), stopWaiting.signal).then(health.waitFor('auth-service'))
}

const openUpstreams = ({ settings, log, onStop }: ProcessKit<Settings>): Deps['forward'] => {
  const urls = serviceUrls(settings)
  const limits = { bodyMaxBytes: settings.BODY_MAX_BYTES, uploadMaxBytes: settings.UPLOAD_MAX_BYTES }
  const more = { limits, timeoutMs: settings.REQUEST_TIMEOUT_MS, random: randomShare, log }
  const upstreams = new Map(SERVICES.map((name) => [name, createUpstream({ name, url: urls[name], ...more })]))
  onStop(async () => void (await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))))
  return async (service, visit) => upstreams.get(service)?.forward(visit)
}

const randomShare = (): number => randomInt(1_000) / 1_000

const REDIS_WAITED_FOR_MS = 500

const openLimiter = async ({ settings, log, onStop }: ProcessKit<Settings>): Promise<Deps['limit']> => {
  if (settings.RATE_LIMIT_ENABLED === 'off') return () => undefined
  const redis = connectRedis(settings.REDIS_URL, log)
  onStop(() => Promise.resolve(redis.disconnect()))
  // Where Redis is there, the first requests are counted in it as well.
  await Promise.race([once(redis, 'ready').catch(() => undefined), pause(REDIS_WAITED_FOR_MS)])
  return createLimiter({
    quotas: {
      perMinute: settings.RATE_LIMIT_PER_MINUTE,
      anonymousPerDay: settings.RATE_LIMIT_ANON_PER_DAY,
      userPerDay: settings.RATE_LIMIT_USER_PER_DAY,
      loginsPerMinute: settings.RATE_LIMIT_LOGINS_PER_MINUTE,
      registrationsPerHour: settings.RATE_LIMIT_REGISTRATIONS_PER_HOUR,
    },
    takeShared: createStore(redis),
    isShared: () => redis.status === 'ready',
    waitMs: settings.RATE_LIMIT_WAIT_MS,
    now: () => performance.now(),
  })
}

const openGuard = ({ settings, onStop }: ProcessKit<Settings>): Deps['enter'] => {
  const loop = watchEventLoop()
  onStop(() => Promise.resolve(loop.stop()))
  const bounds = {
    inFlight: settings.IN_FLIGHT_MAX,
    inFlightPerService: settings.IN_FLIGHT_PER_SERVICE_MAX,
    eventLoopDelayMs: settings.EVENT_LOOP_DELAY_MAX_MS,
  }
  return createGuard(bounds, loop.delayMs)
}

const tlsOf = ({ TLS_CERT_FILE, TLS_KEY_FILE }: Settings) =>
  TLS_CERT_FILE && TLS_KEY_FILE ? { certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE } : undefined

const serviceUrls = (settings: Settings): Record<ServiceName, string> => ({
  'auth-service': settings.AUTH_URL,
  'wallet-service': settings.WALLET_URL,
  'loan-service': settings.LOAN_URL,
  'inventory-service': settings.INVENTORY_URL,
  'reporting-service': settings.REPORTING_URL,
})

const ASK_AGAIN_AFTER_MS = 250

const whenAnswered = async (ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> => {
  const failed = () =>
    ask().then(
      () => false,
      () => true,
    )
  while (!signal.aborted && (await failed()))
    await pause(ASK_AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined)
}
