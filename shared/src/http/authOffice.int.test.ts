import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { REVOCATIONS_CHANNEL, type RevocationNotice } from '../contracts/revocation.js'
import { createLog } from '../log.js'
import { eventually } from '../testing/eventually.js'
import { forward } from '../testing/forward.js'
import { testServers } from '../testing/servers.js'
import { freePort } from '../testing/service.js'
import { openTokenOffice, type TokenOffice } from '../testing/tokens.js'
import { uuidv7 } from '../uuid.js'
import { openAuthOffice, type AuthOffice } from './authOffice.js'

let tokens: TokenOffice
let redis: Redis
const opened: AuthOffice[] = []
beforeAll(async () => {
  tokens = await openTokenOffice()
  redis = new Redis(testServers().redisUrl)
})
afterEach(async () => {
  for (const office of opened.splice(0)) await office.stop()
})
afterAll(async () => {
  redis.disconnect()
  await tokens.close()
})

const addressOf = (port: number) => `127.0.0.1:${port.toString()}`
const open = (settings: { AUTH_URL?: string; REDIS_URL?: string } = {}): AuthOffice => {
  const office = openAuthOffice({
    name: 'loan-service',
    settings: {
      AUTH_URL: tokens.authUrl,
      REDIS_URL: testServers().redisUrl,
      SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
      ...settings,
    },
    log: createLog('test', 'silent'),
  })
  opened.push(office)
  return office
}
const stranger = () => {
  const userId = uuidv7()
  return { bearer: `Bearer ${tokens.userToken('customer', userId)}`, sessionId: `session-of-${userId}` }
}
const ask = async (office: AuthOffice, bearer: string) => office.authenticate(bearer)
const outcome = (office: AuthOffice, bearer: string) =>
  ask(office, bearer).then(
    ({ kind }) => kind,
    (error: unknown) => (error as Error).message,
  )
const refusedBy = (office: AuthOffice, bearer: string, withinMs: number) =>
  eventually(async () => expect(await outcome(office, bearer)).toBe('Invalid token'), withinMs)
/** Says it until it is heard: a process that has just begun may not listen yet. */
const tellUntilRefused = (offices: AuthOffice[], bearer: string, told: Pick<RevocationNotice, 'kind' | 'subject'>) =>
  eventually(async () => {
    const notice = { id: uuidv7(), expires_at: '2126-11-21T00:00:00Z', ...told }
    await redis.publish(REVOCATIONS_CHANNEL, JSON.stringify(notice))
    for (const office of offices) expect(await outcome(office, bearer)).toMatch(/^Invalid/)
  }, 1_000)

test('a caller who was seen before is known at once, without a promise', async () => {
  const office = open()
  const { bearer } = stranger()
  const caller = await ask(office, bearer)
  expect(office.authenticate(bearer)).toBe(caller)
})

test('what Redis tells is refused by every process within a second, what it does not tell within three', async () => {
  const nobody = `redis://${addressOf(await freePort())}`
  const [one, other, withoutRedis] = [open(), open(), open({ REDIS_URL: nobody })] as const
  const { bearer, sessionId } = stranger()
  for (const office of opened) expect(await outcome(office, bearer)).toBe('user')

  const told = stranger()
  await tellUntilRefused([one, other], told.bearer, { kind: 'session', subject: told.sessionId })
  expect(await outcome(withoutRedis, told.bearer)).toBe('user')

  tokens.revoke('session', sessionId)
  await Promise.all(opened.map((office) => refusedBy(office, bearer, 3_000)))
})

test('a process that starts knows what was revoked before', async () => {
  const { bearer, sessionId } = stranger()
  tokens.revoke('session', sessionId)
  expect(await outcome(open(), bearer)).toBe('Invalid token')
})

test('a message that is no revocation harms nobody', async () => {
  const office = open()
  const { bearer, sessionId } = stranger()
  expect(await outcome(office, bearer)).toBe('user')
  for (const text of ['nonsense', '{}', '[]', 'null']) await redis.publish(REVOCATIONS_CHANNEL, text)
  await tellUntilRefused([office], bearer, { kind: 'session', subject: sessionId })
})

test('while auth-service is away nobody is believed before it has spoken, and everybody after', async () => {
  const port = await freePort()
  const office = open({ AUTH_URL: `http://${addressOf(port)}` })
  const { bearer } = stranger()
  expect(await outcome(office, bearer)).toBe('auth-service is not available, try again shortly')

  const takeAway = await forward(port, Number(new URL(tokens.authUrl).port))
  await eventually(async () => expect(await outcome(office, bearer)).toBe('user'))
  await takeAway()
  expect(await outcome(office, bearer)).toBe('user')
  expect(await outcome(office, stranger().bearer)).toBe('user')
})

test('an API key is believed on the word of auth-service, and refused as soon as it is revoked', async () => {
  const office = open()
  const key = tokens.apiKey('availability')
  const caller = await ask(office, `Bearer ${key}`)
  expect(caller).toMatchObject({ kind: 'apiKey', scopes: ['availability'] })
  expect(office.authenticate(`Bearer ${key}`)).toBe(caller)
  expect(await outcome(office, `Bearer ${key.slice(0, -1)}x`)).toBe('Invalid API key')
  expect(await outcome(office, 'Bearer ch_live_short')).toBe('Invalid API key')

  await tellUntilRefused([office], `Bearer ${key}`, { kind: 'api_key', subject: `id-of-${key}` })
})
