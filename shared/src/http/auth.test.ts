import { describe, expect, test } from '@jest/globals'
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { Refusal, refuse } from '../refusal.js'
import { createAuthenticate } from './auth.js'
import { createTokenVerifier } from './authToken.js'

const pairs = { ours: newPair(), theirs: newPair() }
const authenticateNow = createAuthenticate({
  verifyToken: createTokenVerifier((kid) => (kid === 'ours' ? pairs.ours.publicKey : undefined)),
  verifyApiKey: () => Promise.reject(refuse('invalid_api_key')),
  revocationsKnown: () => Promise.resolve(),
  assertNotRevoked: () => undefined,
})
const authenticate = async (authorization?: string) => authenticateNow(authorization)

const now = Math.floor(Date.now() / 1000)
const header = { alg: 'RS256', typ: 'at+jwt', kid: 'ours' }
const claims = {
  ...{
    iss: 'countinghouse',
    aud: 'countinghouse-api',
    sub: 'user-1',
    sid: 'session-1',
    username: 'asha',
    role: 'customer',
  },
  ...{ iat: now, exp: now + 3600 },
}
const service = {
  iss: claims.iss,
  aud: claims.aud,
  sub: 'service:loan-service',
  role: 'service',
  iat: now,
  exp: claims.exp,
}

test('a token of ours tells who calls, as which role, in which session', async () => {
  const caller = await authenticate(`Bearer ${token()}`)
  expect(caller).toEqual({ kind: 'user', userId: 'user-1', username: 'asha', role: 'customer', sessionId: 'session-1' })
})

test('a service acts under its own name', async () => {
  expect(await authenticate(`bearer ${compact(header, service)}`)).toEqual({ kind: 'service', name: 'loan-service' })
})

test('who sends no token is anonymous', async () => {
  expect(await authenticate()).toEqual({ kind: 'anonymous' })
})

describe('a header that holds no bearer token is answered "Not authenticated"', () => {
  test.each([[''], ['Bearer'], ['Bearer '], ['Basic YTpi'], [token()]])('%s', (authorization) =>
    expectRefused(authorization, 'Not authenticated'),
  )
})

describe('a token that was ours but has run out is answered so that the client logs in again', () => {
  test('expired', () => expectRefused(`Bearer ${token({ exp: now - 1 })}`, 'Token expired, please login again'))
})

const invalid: Record<string, () => string> = {
  'no token at all': () => 'nonsense',
  'a header that is not JSON': () => `${base64url('{')}.${base64url('{}')}.x`,
  'a payload that is not JSON': () => `${encode({ ...header, typ: 'JWT' })}.${base64url('{')}.x`,
  'no signature, and says so': () => `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`,
  'no signature, and claims one': () => `${encode(header)}.${encode(claims)}.`,
  'HS256 with our public key as its secret': () => hmacWithPublicKey({ ...header, alg: 'HS256' }),
  'HS256 that calls itself RS256': () => hmacWithPublicKey(header),
  'another algorithm of our own key': () =>
    compact({ ...header, alg: 'RS512' }, claims, pairs.ours.privateKey, 'sha512'),
  'the key of someone else': () => compact(header, claims, pairs.theirs.privateKey),
  'a key that we do not know': () => compact({ ...header, kid: 'theirs' }, claims, pairs.theirs.privateKey),
  'no key named': () => compact({ alg: 'RS256', typ: 'at+jwt' }, claims),
  'an address of keys, which we never follow': () =>
    compact({ ...header, jku: 'https://evil.example/jwks.json' }, claims, pairs.theirs.privateKey),
  'a key of its own in the header': () =>
    compact({ ...header, jwk: pairs.theirs.publicKey.export({ format: 'jwk' }) }, claims, pairs.theirs.privateKey),
  'another issuer': () => token({ iss: 'somewhere-else' }),
  'no issuer': () => token({ iss: undefined }),
  'another audience': () => token({ aud: 'another-api' }),
  'no audience': () => token({ aud: undefined }),
  'another type, such as a refresh token': () => compact({ ...header, typ: 'rt+jwt' }, claims),
  'the type of any JWT': () => compact({ ...header, typ: 'JWT' }, claims),
  'no type': () => compact({ alg: 'RS256', kid: 'ours' }, claims),
  'not valid yet': () => token({ nbf: now + 60 }),
  'made in the future': () => token({ iat: now + 600 }),
  'no beginning': () => token({ iat: undefined }),
  'no end': () => token({ exp: undefined }),
  'a service without an end': () => compact(header, { ...service, exp: undefined }),
  'no user': () => token({ sub: undefined }),
  'an empty user': () => token({ sub: '' }),
  'no session': () => token({ sid: undefined }),
  'no role': () => token({ role: undefined }),
  'a role that there is not': () => token({ role: 'owner' }),
  'a user who calls themselves a service': () => token({ role: 'service' }),
  'a role that was raised after signing': () => {
    const [head, , signature] = token().split('.')
    return [head, encode({ ...claims, role: 'admin' }), signature].join('.')
  },
  'a header that was changed after signing': () => {
    const [, payload, signature] = token().split('.')
    return [encode({ ...header, extra: 1 }), payload, signature].join('.')
  },
}

describe('a token is answered "Invalid token" when it has', () => {
  test.each(Object.entries(invalid))('%s', (_, make) => expectRefused(`Bearer ${make()}`, 'Invalid token'))
})

async function expectRefused(authorization: string, sentence: string): Promise<void> {
  const error = await authenticate(authorization).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Refusal)
  expect(error).toMatchObject({ status: 401, message: sentence })
}

// Tokens are built by hand, because an attacker's library has no scruples.
function newPair() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function encode(part: object): string {
  return base64url(JSON.stringify(part))
}

function token(changes: object = {}): string {
  return compact(header, { ...claims, ...changes })
}

function compact(head: object, payload: object, key: KeyObject = pairs.ours.privateKey, hash = 'sha256'): string {
  const signed = `${encode(head)}.${encode(payload)}`
  return `${signed}.${sign(hash, Buffer.from(signed), key).toString('base64url')}`
}

function hmacWithPublicKey(head: object): string {
  const secret = pairs.ours.publicKey.export({ type: 'spki', format: 'pem' })
  const signed = `${encode(head)}.${encode(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
