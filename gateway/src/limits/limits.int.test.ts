import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { registry } from '@countinghouse/shared/metrics'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { testServers, uniqueName } from '@countinghouse/shared/testing/servers'
import { freePort } from '@countinghouse/shared/testing/service'
import { Redis } from 'ioredis'
import request from 'supertest'
import { openServer, type LocalServer } from '@countinghouse/shared/testing/standIn'
import { parseTrust } from '../address.js'
import type { Settings } from '../config.js'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { createStore } from './store.js'

const { redisUrl } = testServers()
let upstream: LocalServer
let asked = 0
let gateway: TestGateway
let address: string
const gateways: TestGateway[] = []

const start = async (settings: Partial<Settings> = {}): Promise<TestGateway> => {
  const started = await startTestGateway({
    LOAN_URL: upstream.url,
    INVENTORY_URL: upstream.url,
    REDIS_URL: redisUrl,
    RATE_LIMIT_ENABLED: 'on',
    RATE_LIMIT_PER_MINUTE: 10,
    RATE_LIMIT_WAIT_MS: 10_000,
    TRUST_PROXY: parseTrust('1') ?? { hops: 0 },
    ...settings,
  })
  gateways.push(started)
  return started
}

beforeAll(async () => {
  upstream = await openServer((_request, response) => {
    asked += 1
    response.end('[]')
  })
  gateway = await start()
})
beforeEach(() => {
  asked = 0
  const bytes = uniqueName('x').match(/[0-9a-f]{2}/g) ?? []
  address = `10.${bytes
    .slice(0, 3)
    .map((byte) => parseInt(byte, 16))
    .join('.')}`
})
afterAll(async () => {
  for (const started of gateways) await started.stop()
  await upstream.close()
})

const times = <Result>(count: number, work: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, work))
const statusesOf = async (count: number, ask: () => request.Test): Promise<Record<number, number>> => {
  const counts: Record<number, number> = {}
  for (const { status } of await times(count, async () => ask())) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
const asUser = (path: string, { door = gateway, user = address } = {}) =>
  request(door.url)
    .get(path)
    .set({ authorization: `Bearer ${gateway.tokens.userToken('staff', user)}` })
const asAnyone = (path: string, door = gateway) => request(door.url).get(path).set('x-forwarded-for', address)

test('of 25 requests at once as many pass as the limit allows; the others are refused, and no service sees them', async () => {
  expect(await statusesOf(25, () => asUser('/loans'))).toEqual({ 200: 10, 429: 15 })
  expect(asked).toBe(10)
  const refused = await asUser('/loans')
  expect(refused.headers['content-type']).toBe('application/problem+json')
  expect(refused.headers['ratelimit-policy']).toBe('"minute";q=10;w=60')
  expect(refused.headers['ratelimit']).toMatch(/^"minute";r=0;t=([1-9]|[1-5]\d|60)$/)
  expect(refused.headers['retry-after']).toBe(/t=(\d+)/.exec(refused.headers['ratelimit'] ?? '')?.[1])
  expect(refused.body).toMatchObject({ status: 429, code: 'rate_limit_exceeded', policy: 'minute', quota: 10 })
  expect((await registry.getSingleMetric('rate_limited_total')?.get())?.values).toContainEqual(
    expect.objectContaining({ labels: { policy: 'minute' }, value: expect.any(Number) }),
  )
})

test('two gateways count together', async () => {
  const other = await start({ AUTH_URL: gateway.tokens.authUrl })
  expect(await statusesOf(6, () => asUser('/loans'))).toEqual({ 200: 6 })
  expect(await statusesOf(6, () => asUser('/loans', { door: other }))).toEqual({ 200: 4, 429: 2 })
})

test('another user, and a service, are not held up by one who asks too much', async () => {
  await statusesOf(11, () => asUser('/loans'))
  expect((await asUser('/loans', { user: uniqueName('user') })).status).toBe(200)
  const authorization = `Bearer ${gateway.tokens.serviceToken('loan-service')}`
  const asService = () => request(gateway.url).get('/loans').set({ authorization })
  expect(await statusesOf(12, asService)).toEqual({ 200: 12 })
})

test('the shop counts the day as well, and says so in every answer', async () => {
  const { headers } = await asUser('/products')
  expect(headers['ratelimit-policy']).toBe('"minute";q=10;w=60, "day";q=1000;w=86400')
  expect(headers['ratelimit']).toBe('"minute";r=9;t=60, "day";r=999;t=86400')
  const narrow = await start({ AUTH_URL: gateway.tokens.authUrl, RATE_LIMIT_ANON_PER_DAY: 3 })
  for (const path of ['/products', '/api/v1/categories/', '/api/cart'])
    expect((await asAnyone(path, narrow)).status).toBe(200)
  const refused = await asAnyone('/orders', narrow)
  expect(refused.body).toMatchObject({ status: 429, policy: 'day', quota: 3, window_seconds: 86_400 })
  expect((await asAnyone('/loans', narrow)).status).toBe(200)
})

test('a client cannot escape by naming another address', async () => {
  const unbelieving = await start({ TRUST_PROXY: { hops: 0 }, RATE_LIMIT_LOGINS_PER_MINUTE: 1_000 })
  const ask = () => request(unbelieving.url).get('/loans').set('x-forwarded-for', uniqueName('1.2.3'))
  expect(await statusesOf(12, ask)).toMatchObject({ 429: expect.any(Number) })
})

test('logging in and registering are tight, by any spelling, and before auth-service has any work', async () => {
  const auth = await openServer((_request, response) => response.writeHead(401).end())
  const door = await start({
    AUTH_URL: auth.url,
    RATE_LIMIT_LOGINS_PER_MINUTE: 2,
    RATE_LIMIT_REGISTRATIONS_PER_HOUR: 1,
  })
  const post = (path: string) => request(door.url).post(path).set('x-forwarded-for', address).send({})
  const statuses = []
  for (const path of ['/auth/login', '/api/v1/auth/LOGIN/', '/auth/login', '/auth/register', '/api/auth/register'])
    statuses.push((await post(path)).status)
  expect(statuses).toEqual([401, 401, 429, 401, 429])
  await auth.close()
})

test('tokens cannot be guessed without being counted', async () => {
  const guess = () => asAnyone('/loans').set({ authorization: 'Bearer guess' })
  expect(await statusesOf(12, guess)).toEqual({ 401: 10, 429: 2 })
})

test('health is answered to everyone, always', async () => {
  await statusesOf(11, () => asAnyone('/loans'))
  expect((await asAnyone('/loans')).status).toBe(429)
  expect((await asAnyone('/healthz')).status).toBe(200)
})

const impatient = (redisPort: number) => ({ REDIS_URL: `redis://127.0.0.1:${redisPort}`, RATE_LIMIT_WAIT_MS: 150 })

test.each([
  ['is away', async () => ({ port: await freePort(), close: () => undefined })],
  [
    'is there but silent',
    async () => {
      const silent = createServer((socket) => void socket.resume())
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
      return { port: (silent.address() as AddressInfo).port, close: () => silent.close() }
    },
  ],
])('when Redis %s, the gateway is ready and counts by itself', async (_how, openRedis) => {
  const redis = await openRedis()
  const door = await start({ ...impatient(redis.port), AUTH_URL: gateway.tokens.authUrl })
  expect(await statusesOf(12, () => asUser('/loans', { door }))).toEqual({ 200: 10, 429: 2 })
  redis.close()
})

test('when Redis falls silent in the middle, requests wait a moment for it, not more, and then not at all', async () => {
  const { port: redisPort, hostname } = new URL(redisUrl)
  let isSilent = false
  const between = createServer((socket) => {
    const redis = connect(Number(redisPort), hostname)
    socket.on('data', (data) => isSilent || redis.write(data)).on('close', () => redis.destroy())
    redis.on('data', (data) => socket.write(data)).on('error', () => undefined)
  })
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  const { port } = between.address() as AddressInfo
  const door = await start({ ...impatient(port), RATE_LIMIT_PER_MINUTE: 100, AUTH_URL: gateway.tokens.authUrl })
  const isShared = async () => (await asUser('/loans', { door })).headers['ratelimit']
  const decidedLocally = async () =>
    (await registry.getSingleMetric('rate_limit_decided_locally_total')?.get())?.values[0]
  await eventually(async () => {
    const before = (await decidedLocally())?.value
    await isShared()
    expect((await decidedLocally())?.value).toBe(before)
  })
  isSilent = true
  const before = (await decidedLocally())?.value ?? 0
  for (let time = 0; time < 5; time += 1) expect((await asUser('/loans', { door })).status).toBe(200)
  expect((await decidedLocally())?.value).toBe(before + 5)
  between.close()
})

test('in Redis the window slides: what was taken first is given back first', async () => {
  const redis = new Redis(redisUrl)
  const take = createStore(redis)
  const rule = { policy: { name: 'test', quota: 2, windowMs: 60_000 }, key: uniqueName('slide') }
  const key = `limit:${rule.key}`
  const takeOnce = async () => (await take([[rule]]))[0]
  const halfAWindowPassesForTheOldest = async () =>
    redis.lset(key, -1, Number(await redis.lindex(key, -1)) - rule.policy.windowMs / 2)
  await takeOnce()
  await halfAWindowPassesForTheOldest()
  expect((await takeOnce())?.refusedBy).toBeUndefined()
  const resetMs = (await takeOnce())?.refusedBy?.resetMs
  expect(resetMs).toBeGreaterThan(0)
  expect(resetMs).toBeLessThanOrEqual(rule.policy.windowMs / 2)
  await halfAWindowPassesForTheOldest()
  expect((await takeOnce())?.refusedBy).toBeUndefined()
  expect((await takeOnce())?.refusedBy).toBeDefined()
  expect(await redis.pttl(key)).toBeGreaterThan(0)
  redis.disconnect()
})

test('in Redis a request that one of its rules refuses takes from none, and the others of its round trip are heard', async () => {
  const redis = new Redis(redisUrl)
  const take = createStore(redis)
  const rule = (name: string, quota: number) => ({ policy: { name, quota, windowMs: 60_000 }, key: uniqueName(name) })
  const [narrow, wide, other] = [rule('narrow', 1), rule('wide', 5), rule('other', 5)]
  const verdicts = await take([[narrow, wide], [wide, narrow], [other], [wide]])
  expect(verdicts.map(({ refusedBy }) => refusedBy?.rule.policy.name)).toEqual([
    undefined,
    'narrow',
    undefined,
    undefined,
  ])
  expect(verdicts.map(({ standings }) => standings.map(({ remaining }) => remaining))).toEqual([
    [0, 4],
    [4, 0],
    [4],
    [3],
  ])
  redis.disconnect()
})
