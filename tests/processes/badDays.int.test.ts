import { createServer } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { forward } from '@countinghouse/shared/testing/forward'
import { freePort } from '@countinghouse/shared/testing/service'
import { readinessOf, runWalletService, walletSettings, type CleanUps } from './alone.js'

const cleanUps: CleanUps = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const run = (environment: Record<string, string>) => runWalletService(environment, cleanUps)
const settings = () => walletSettings(cleanUps)

test('wrong settings are named all at once, and nothing starts', async () => {
  const given = await settings()
  const { exitCode, output } = run({ ...given, PORT: 'http', MONGODB_URI: '', REDIS_URL: 'localhost' })
  expect(await exitCode).toBe(78)
  expect(output()).toContain('MONGODB_URI is missing')
  expect(output()).toMatch(/PORT: .*number/)
  expect(output()).toContain('REDIS_URL: must begin with redis://')
})

test.each(['PORT', 'METRICS_PORT'] as const)('a taken %s is named, with the setting that moves it', async (setting) => {
  const given = await settings()
  const squatter = createServer().listen(Number(given[setting]), '127.0.0.1')
  cleanUps.push(() => new Promise((resolve) => squatter.close(resolve)))
  const { exitCode, output } = run(given)
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
    const { output } = run({ ...given, [setting]: detour.href })
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
  120_000,
)

test('a stop is graceful: the process says so and ends with 0 within ten seconds', async () => {
  const given = await settings()
  const stopping = run(given)
  await eventually(async () => {
    expect((await readinessOf(given.METRICS_PORT)).status).toBe(200)
  }, 30_000)
  const startedAt = performance.now()
  stopping.process.kill('SIGTERM')
  expect(await stopping.exitCode).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  expect(stopping.output()).toContain('Stopped')
}, 120_000)
