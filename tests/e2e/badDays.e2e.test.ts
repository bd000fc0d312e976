import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { forward } from '@countinghouse/shared/testing/forward'
import { freePort } from '@countinghouse/shared/testing/service'
import { freshVirtualHost, testServers, uniqueName } from '@countinghouse/shared/testing/servers'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

type Run = { process: ChildProcess; output: () => string; exitCode: Promise<number> }

/** Runs wallet-service alone, with nothing in its environment but what is given. */
const runWalletService = (environment: Record<string, string>): Run => {
  const child = spawn(process.execPath, ['wallet-service/dist/main.js'], {
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

const settings = async () => {
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
  }
}

const readinessOf = async (metricsPort: string): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`http://127.0.0.1:${metricsPort}/readyz`)
  return { status: response.status, body: await response.json() }
}

test('wrong settings are named all at once, and nothing starts', async () => {
  const given = await settings()
  const { exitCode, output } = runWalletService({ ...given, PORT: 'http', MONGODB_URI: '', REDIS_URL: 'localhost' })
  expect(await exitCode).toBe(78)
  expect(output()).toContain('MONGODB_URI is missing')
  expect(output()).toMatch(/PORT: .*number/)
  expect(output()).toContain('REDIS_URL: must begin with redis://')
})

test.each(['PORT', 'METRICS_PORT'] as const)('a taken %s is named, with the setting that moves it', async (setting) => {
  const given = await settings()
  const squatter = createServer().listen(Number(given[setting]), '127.0.0.1')
  cleanUps.push(() => new Promise((resolve) => squatter.close(resolve)))
  const { exitCode, output } = runWalletService(given)
  expect(await exitCode).toBe(1)
  expect(output()).toContain(`Port ${given[setting]} is in use; set ${setting} to a free one`)
})

test.each([
  ['MONGODB_URI', 'mongodb'],
  ['RABBITMQ_URL', 'rabbitmq'],
] as const)(
  'a service that starts before the server of %s waits, says for what, and is ready when it comes',
  async (setting, server) => {
    const given = await settings()
    const target = new URL(given[setting])
    const detour = new URL(given[setting])
    detour.port = (await freePort()).toString()
    const { output } = runWalletService({ ...given, [setting]: detour.href })
    await eventually(async () => {
      const { status, body } = await readinessOf(given.METRICS_PORT)
      expect(status).toBe(503)
      expect((body as { waiting_for: string[] }).waiting_for).toContain(server)
      expect(output()).toContain(`"waiting_for":"${server}"`)
    })
    cleanUps.push(await forward(Number(detour.port), Number(target.port)))
    await eventually(async () => {
      expect(await readinessOf(given.METRICS_PORT)).toEqual({ status: 200, body: { status: 'ready', waiting_for: [] } })
    }, 30_000)
  },
)

test('a stop is graceful: the process says so and ends with 0 within ten seconds', async () => {
  const given = await settings()
  const run = runWalletService(given)
  await eventually(async () => {
    expect((await readinessOf(given.METRICS_PORT)).status).toBe(200)
  }, 30_000)
  const startedAt = performance.now()
  run.process.kill('SIGTERM')
  expect(await run.exitCode).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(run.output()).toContain('Stopped')
})
