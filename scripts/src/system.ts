import { randomBytes } from 'node:crypto'
import { serviceSecretOf } from '@countinghouse/shared/crypto'
import { settlesWithin } from './kit/wait.js'
import { environmentOf, type Surroundings } from './system/environment.js'
import { serviceNames, type ServiceName } from './system/names.js'
import { allReady } from './system/readiness.js'
import { startService, type ServiceExit, type ServiceProcess } from './system/service.js'

export type { ServiceExit, ServiceName }

export type SystemOptions = Surroundings & {
  onLine: (service: ServiceName, line: string) => void
  /** Where the processes are recorded, so that the next launcher finds what a killed one left. */
  pidDirectory?: string
}

export type System = {
  /** Starts a service that does not run, with the settings of the system and those given for this one run. */
  start(name: ServiceName, environment?: Record<string, string>): Promise<void>
  /** Lets it drain. */
  stop(name: ServiceName): Promise<void>
  /** Ends it by SIGKILL. */
  kill(name: ServiceName): Promise<void>
  /** Resolves when every running service is ready; fails when one ends by itself or the time is over. */
  waitUntilReady(timeoutMs: number): Promise<void>
  /** Stops the gateway, then the others, and starts nothing any more. */
  stopAll(): Promise<void>
  /** Tells of every process that ended, and whether that was asked for. */
  onExit(listener: (exit: ServiceExit) => void): void
}

// What is in flight at the gateway finishes against services that still take work.
const gatewayLeadMs = 1_000

/** Starts the six services as processes of their own; they come up side by side, in any order. */
export const launchSystem = (options: SystemOptions): System => {
  const surroundings = withSecrets(options)
  const processes = new Map<ServiceName, ServiceProcess>()
  const died = new Map<ServiceName, ServiceExit>()
  const listeners: ((exit: ServiceExit) => void)[] = [(exit) => exit.expected || died.set(exit.service, exit)]
  let closing = false

  const start = async (service: ServiceName, once: Record<string, string> = {}) => {
    if (closing || processes.get(service)?.isRunning()) return
    died.delete(service)
    const environment = { ...environmentOf(service, surroundings), ...once }
    const onExit = (exit: ServiceExit) => listeners.forEach((listener) => listener(exit))
    const { onLine, pidDirectory } = options
    processes.set(service, await startService({ service, environment, pidDirectory, onLine, onExit }))
  }
  const stop = async (name: ServiceName) => processes.get(name)?.stop()
  const launched = Promise.all(serviceNames.map((name) => start(name)))

  return {
    start,
    stop,
    kill: async (name) => processes.get(name)?.kill(),
    waitUntilReady: async (timeoutMs) => {
      await launched
      const names = serviceNames.filter((name) => processes.get(name)?.isRunning())
      await allReady({ names, ports: options.ports, timeoutMs, died: () => [...died.values()][0] })
    },
    stopAll: async () => {
      closing = true
      await launched
      const gateway = stop('gateway')
      await settlesWithin(gateway, gatewayLeadMs)
      await Promise.all([gateway, ...serviceNames.map(stop)])
    },
    onExit: (listener) => {
      listeners.push(listener)
    },
  }
}

// A system without secrets of its own gets some for its lifetime; each service proves itself by a secret of its own.
const withSecrets = (surroundings: Surroundings): Surroundings => {
  const { serviceEnvironment } = surroundings
  const secrets = { ENCRYPTION_KEYS: newEncryptionKeys(), SERVICE_MASTER_SECRET: newMasterSecret() }
  const auth = { ...secrets, ...serviceEnvironment?.['auth-service'] }
  const [masterSecret = ''] = auth.SERVICE_MASTER_SECRET.split(',')
  const environmentFor = (name: ServiceName) => ({
    SERVICE_CLIENT_SECRET: serviceSecretOf(masterSecret, name),
    ...(name === 'auth-service' ? auth : serviceEnvironment?.[name]),
  })
  return {
    ...surroundings,
    serviceEnvironment: Object.fromEntries(serviceNames.map((name) => [name, environmentFor(name)])),
  }
}

/** A first encryption key in the form that auth-service reads. */
export const newEncryptionKeys = (): string => `k1:${randomBytes(32).toString('base64')}`

/** What the secrets of the services are made of. */
export const newMasterSecret = (): string => randomBytes(32).toString('base64url')
