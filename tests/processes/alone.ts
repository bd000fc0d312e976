import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { expect } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePort } from '@countinghouse/shared/testing/service'
import { freshVirtualHost, testServers, uniqueName } from '@countinghouse/shared/testing/servers'

/** What is to be done when a test is over, the last first. */
export type CleanUps = (() => Promise<unknown>)[]

export type WalletProcess = { process: ChildProcess; output: () => string; exitCode: Promise<number> }

/** Runs wallet-service alone, with nothing in its environment but what is given. */
export const runWalletService = (environment: Record<string, string>, cleanUps: CleanUps): WalletProcess =>
  runAlone('wallet-service', environment, cleanUps)

/** Runs one service alone, in the same way. */
export const runAlone = (service: string, environment: Record<string, string>, cleanUps: CleanUps): WalletProcess =>
  runEntry(`${service}/dist/main.js`, environment, cleanUps)

const READY_WITHIN_MS = 60_000

/** The same, and answers when it is ready; with a fault point it dies there, perhaps before that. */
export const runReady = async (
  service: string,
  environment: { METRICS_PORT: string } & Record<string, string>,
  cleanUps: CleanUps,
  faultPoint?: string,
): Promise<WalletProcess> => {
  const armed = { ...environment, ...(faultPoint !== undefined && { FAULT_POINT: faultPoint }) }
  const started = runAlone(service, armed, cleanUps)
  await eventually(async () => {
    if (faultPoint !== undefined && started.process.signalCode === 'SIGKILL') return
    expect((await readinessOf(environment.METRICS_PORT)).status).toBe(200)
  }, READY_WITHIN_MS)
  return started
}

/** Runs what begins at this file, in the same way. */
export const runEntry = (entry: string, environment: Record<string, string>, cleanUps: CleanUps): WalletProcess => {
  const child = spawn(process.execPath, [entry], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  const exitCode = once(child, 'exit').then(([code]) => Number(code))
  cleanUps.push(async () => {
    child.kill('SIGKILL')
    await exitCode
  })
  return { process: child, output: () => output, exitCode }
}

/** Settings with which it runs: free ports, a database and a virtual host of its own. */
export const walletSettings = async (cleanUps: CleanUps) => {
  const servers = testServers()
  const virtualHost = await freshVirtualHost(servers)
  cleanUps.push(() => virtualHost.remove())
  return {
    PORT: (await freePort()).toString(),
    METRICS_PORT: (await freePort()).toString(),
    MONGODB_URI: servers.mongodbUri,
    MONGODB_DATABASE: uniqueName('test'),
    RABBITMQ_URL: virtualHost.url,
    REDIS_URL: servers.redisUrl,
    AUTH_URL: 'http://127.0.0.1:1',
    SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
    ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  }
}

export const readinessOf = async (metricsPort: string): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/readyz`)
  return { status: response.status, body: await response.json() }
}
