import { randomBytes } from 'node:crypto'
import { serviceSecretOf } from '@countinghouse/shared/crypto'
import { settlesWithin } from './kit/wait.js'
import { environmentOf, usesSandbox, type Surroundings } from './system/environment.js'
import { processNames, serviceOf, type ProcessName, type ServiceName } from './system/names.js'
import { allReady } from './system/readiness.js'
import { startService, type ServiceExit, type ServiceProcess } from './system/service.js'

export type { ProcessName, ServiceExit, ServiceName }

export type SystemOptions = Surroundings & {
  onLine: (service: ProcessName, line: string) => void
  /** Where the processes are recorded, so that the next launcher finds what a killed one left. */
  pidDirectory?: string
}

export type System = {
  /** Starts a service that does not run, with the settings of the system and those given for this one run. */
  start(name: ProcessName, environment?: Record<string, string>): Promise<void>
  /** Lets it drain. */
  stop(name: ProcessName): Promise<void>
  /** Ends it by SIGKILL. */
  kill(name: ProcessName): Promise<void>
  /** Resolves when every running service is ready; fails when one ends by itself or the time is over. */
  waitUntilReady(timeoutMs: number): Promise<void>
  /** Stops the gateway, then the others, and starts nothing any more. */
  stopAll(): Promise<void>
  /** Tells of every process that ended, and whether that was asked for. */
  onExit(listener: (exit: ServiceExit) => void): void
}

// What is in flight at the gateway finishes against services that still take work.
const gatewayLeadMs = 1_000

/** Starts the six services, and what runs beside them, as processes of their own; they come up side by side, in any order. */
export const launchSystem = (options: SystemOptions): System => {
  const surroundings = withSecrets(options)
  const processes = new Map<ProcessName, ServiceProcess>()
  const died = new Map<ProcessName, ServiceExit>()
  const listeners: ((exit: ServiceExit) => void)[] = [(exit) => exit.expected || died.set(exit.service, exit)]
  let closing = false

  const start = async (service: ProcessName, once: Record<string, string> = {}) => {
    if (closing || processes.get(service)?.isRunning()) return
    died.delete(service)
    const environment = { ...environmentOf(service, surroundings), ...once }
    const onExit = (exit: ServiceExit) => listeners.forEach((listener) => listener(exit))
    const { onLine, pidDirectory } = options
    processes.set(service, await startService({ service, environment, pidDirectory, onLine, onExit }))
  }
  const stop = async (name: ProcessName) => processes.get(name)?.stop()
  const wanted = processNames.filter((name) => name !== 'sandbox-provider' || usesSandbox())
  const launched = Promise.all(wanted.map((name) => start(name)))

  return {
    start,
    stop,
    kill: async (name) => processes.get(name)?.kill(),
    waitUntilReady: async (timeoutMs) => {
      await launched
      const names = processNames.filter((name) => processes.get(name)?.isRunning())
      await allReady({ names, ports: options.ports, timeoutMs, died: () => [...died.values()][0] })
    },
    stopAll: async () => {
      closing = true
      await launched
      const gateway = stop('gateway')
      await settlesWithin(gateway, gatewayLeadMs)
      await Promise.all([gateway, ...processNames.map(stop)])
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
  // Shared by those who work on the same data.
  const ofWallet = {
    ENCRYPTION_KEYS: serviceEnvironment?.['wallet-service']?.['ENCRYPTION_KEYS'] ?? newEncryptionKeys(),
  }
  const environmentFor = (name: ProcessName) => ({
    SERVICE_CLIENT_SECRET: serviceSecretOf(masterSecret, serviceOf(name)),
    ...(serviceOf(name) === 'wallet-service' && ofWallet),
    ...(name === 'auth-service' ? auth : serviceEnvironment?.[name]),
  })
  return {
    ...surroundings,
    serviceEnvironment: Object.fromEntries(processNames.map((name) => [name, environmentFor(name)])),
  }
}

/** A first encryption key in the form that services read. */
export const newEncryptionKeys = (): string => `k1:${randomBytes(32).toString('base64')}`

/** What the secrets of the services are made of. */
export const newMasterSecret = (): string => randomBytes(32).toString('base64url')
