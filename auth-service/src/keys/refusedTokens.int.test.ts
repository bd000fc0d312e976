import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { TestService } from '@countinghouse/shared/testing/service'
import { createHmac, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import request from 'supertest'
import { createPeople, type People, type Person } from '../testing/people.js'
import { startAuthService, vault } from '../testing/start.js'
import { ensureKeys, openPrivateKey } from './commands.js'

let service: TestService
let people: People
let boss: Person
let ours: { kid: string; publicKey: string; privateKey: KeyObject }
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 })

beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
  boss = people.toPerson(await people.register({ email: 'boss@example.com' }))
  const key = await ensureKeys({ db: service.db, vault, now: () => new Date() })
  ours = { kid: key._id, publicKey: key.publicKey, privateKey: createPrivateKey(openPrivateKey(vault, key)) }
})
afterAll(() => service.close())

// Tokens are built by hand, because an attacker's library has no scruples.
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
const now = () => Math.floor(Date.now() / 1000)
const headerWith = (changes: object) => ({ alg: 'RS256', typ: 'at+jwt', kid: ours.kid, ...changes })
const claimsWith = (changes: object) => ({
  ...{ iss: 'countinghouse', aud: 'countinghouse-api', iat: now(), exp: now() + 600 },
  ...{ sub: boss.id, sid: 'some-session', username: 'boss', role: 'admin' },
  ...changes,
})
const compact = (header: object, claims: object, key = ours.privateKey): string => {
  const signed = `${encode(headerWith(header))}.${encode(claimsWith(claims))}`
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`
}
const hmac = (header: object, secret: string | Buffer): string => {
  const signed = `${encode(headerWith(header))}.${encode(claimsWith({}))}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
const theirJwk = () => theirs.publicKey.export({ format: 'jwk' })
const raisedAfterwards = (): string => {
  const [header, , signature] = boss.access_token.split('.')
  return [header, encode(claimsWith({ sub: 'someone-else' })), signature].join('.')
}

test('the tokens of this table are refused for nothing but what each of them says', async () => {
  expect((await people.send('get', '/me', undefined, { token: compact({}, {}) })).status).toBe(200)
})

const INVALID = 'Invalid token'
const table: Record<string, [sentence: string, make: () => string]> = {
  'without a signature': [INVALID, () => `${encode(headerWith({ alg: 'none' }))}.${encode(claimsWith({}))}.`],
  'without a signature, in other letters': [
    INVALID,
    () => `${encode(headerWith({ alg: 'nOnE' }))}.${encode(claimsWith({}))}.`,
  ],
  'signed by HS256 with the public key as its secret': [INVALID, () => hmac({ alg: 'HS256' }, ours.publicKey)],
  'signed by HS256 that calls itself RS256': [INVALID, () => hmac({}, ours.publicKey)],
  'of another issuer': [INVALID, () => compact({}, { iss: 'elsewhere' })],
  'for another audience': [INVALID, () => compact({}, { aud: 'another-api' })],
  'of another type': [INVALID, () => compact({ typ: 'rt+jwt' }, {})],
  'of the type of any JWT': [INVALID, () => compact({ typ: 'JWT' }, {})],
  'of a key that is not published': [INVALID, () => compact({ kid: 'made-up' }, {}, theirs.privateKey)],
  'of someone else’s key under the name of ours': [INVALID, () => compact({}, {}, theirs.privateKey)],
  'that names an address of keys': [
    INVALID,
    () => compact({ jku: 'https://evil.example/jwks.json' }, {}, theirs.privateKey),
  ],
  'that names a certificate': [INVALID, () => compact({ x5u: 'https://evil.example/cert' }, {}, theirs.privateKey)],
  'that brings its own key': [INVALID, () => compact({ jwk: theirJwk() }, {}, theirs.privateKey)],
  'that has run out': ['Token expired, please login again', () => compact({}, { iat: now() - 7200, exp: now() - 1 })],
  'that is not valid yet': [INVALID, () => compact({}, { nbf: now() + 300 })],
  'that was made in the future': [INVALID, () => compact({}, { iat: now() + 300 })],
  'that never runs out': [INVALID, () => compact({}, { exp: undefined })],
  'that was changed after signing': [INVALID, raisedAfterwards],
  'that is a refresh token': [INVALID, () => boss.refresh_token],
  'of a user that there never was': ['User not found', () => compact({}, { sub: 'nobody' })],
}

describe('a token is refused', () => {
  test.each(Object.entries(table))('%s', async (_, [detail, make]) => {
    const answer = await people.send('get', '/me', undefined, { token: make() })
    expect(answer.body).toMatchObject({ status: 401, detail })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })

  test('of a session that was ended', async () => {
    const { access_token: token } = await people.logInAgain(boss)
    await people.send('post', '/auth/logout', {}, { token })
    await eventually(async () => {
      const answer = await people.send('get', '/me', undefined, { token })
      expect(answer.body).toMatchObject({ status: 401, detail: INVALID })
    }, 1_000)
  })

  test('of a service, where a user is needed', async () => {
    const claims = { sub: 'service:loan-service', role: 'service', sid: undefined, username: undefined }
    const answer = await request(service.url).get('/me').auth(compact({}, claims), { type: 'bearer' })
    expect(answer.body).toMatchObject({ status: 403, code: 'forbidden' })
  })
})
