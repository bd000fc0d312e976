import { setTimeout as pause } from 'node:timers/promises'
import { JWKS_PATH, createAuthenticate, createKeyFinder } from '@countinghouse/shared/http/auth'
import { listen } from '@countinghouse/shared/http/listen'
import type { ProcessKit } from '@countinghouse/shared/process'
import type { Settings } from './config.js'
import { createCatalogue } from './documents/catalogue.js'
import { createDoor } from './door.js'
import { createPages } from './pages/routes.js'
import { createUpstream } from './proxy/upstream.js'
import { SERVICES, type ServiceName } from './routing.js'
import { rememberVerified } from './tokens/remember.js'

/** Opens the one public port: verifies tokens, hands each request to the service that owns it, shows the documents. */
export const startGateway = async ({ settings, log, health, onStop }: ProcessKit<Settings>): Promise<void> => {
  const urls = serviceUrls(settings)
  const upstreams = new Map(SERVICES.map((name) => [name, createUpstream({ name, url: urls[name], log })]))
  onStop(async () => void (await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))))
  const findKey = createKeyFinder(settings.AUTH_URL + JWKS_PATH)

  const door = await listen(
    createDoor({
      authenticate: rememberVerified(createAuthenticate(findKey)),
      forward: async (service, visit) => upstreams.get(service)?.forward(visit),
      pages: createPages({ health, readDocument: createCatalogue({ urls, log, now: () => performance.now() }) }),
      log,
      environment: settings.NODE_ENV,
    }),
    { host: settings.HOST, port: settings.PORT, setting: 'PORT' },
  )
  onStop(() => door.close())

  const stopWaiting = new AbortController()
  onStop(() => Promise.resolve(stopWaiting.abort()))
  void whenAnswered(() => findKey(''), stopWaiting.signal).then(health.waitFor('auth-service'))
}

const serviceUrls = (settings: Settings): Record<ServiceName, string> => ({
  'auth-service': settings.AUTH_URL,
  'wallet-service': settings.WALLET_URL,
  'loan-service': settings.LOAN_URL,
  'inventory-service': settings.INVENTORY_URL,
  'reporting-service': settings.REPORTING_URL,
})

const ASK_AGAIN_AFTER_MS = 250

// Any key will do: asking for one fetches them all.
const whenAnswered = async (ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> => {
  const failed = () =>
    ask().then(
      () => false,
      () => true,
    )
  while (!signal.aborted && (await failed()))
    await pause(ASK_AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined)
}
