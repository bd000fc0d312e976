import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import jsonwebtoken, { type JwtHeader } from 'jsonwebtoken'
import { z } from 'zod'
import { ROLES } from '../contracts/auth.js'
import { refuse } from '../refusal.js'
import { anonymous, type Caller } from './caller.js'

export const TOKEN_ISSUER = 'countinghouse'
export const TOKEN_AUDIENCE = 'countinghouse-api'
export const ACCESS_TOKEN_TYPE = 'at+jwt'
export const JWKS_PATH = '/.well-known/jwks.json'

/** Turns an `Authorization` header into a caller; refuses a token that is not ours, not valid or not for access. */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

// The library checks an end that is there; that there is one is for us to check.
const exp = z.number()
const userClaims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  username: z.string(),
  role: z.enum(ROLES),
  exp,
})
const serviceClaims = z.object({ sub: z.string().startsWith('service:'), role: z.literal('service'), exp })

/** Verifies access tokens with the public keys that auth-service offers; see RFC 8725 for each of the checks. */
export const createAuthenticate = (findKey: (kid: string) => Promise<KeyObject | undefined>): Authenticate => {
  return async (authorization) => {
    if (authorization === undefined) return anonymous
    const [scheme, token] = authorization.split(' ')
    if (scheme?.toLowerCase() !== 'bearer' || !token) throw refuse('unauthenticated')
    const header = headerOf(token)
    if (header?.alg !== 'RS256' || header.typ !== ACCESS_TOKEN_TYPE || !header.kid) throw refuse('invalid_token')
    const key = await findKey(header.kid)
    if (!key) throw refuse('invalid_token')
    return toCaller(verify(token, key))
  }
}

const headerOf = (token: string): JwtHeader | undefined => {
  try {
    return jsonwebtoken.decode(token, { complete: true })?.header
  } catch {
    return undefined
  }
}

const verify = (token: string, key: KeyObject): unknown => {
  try {
    return jsonwebtoken.verify(token, key, { algorithms: ['RS256'], issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE })
  } catch (error) {
    throw refuse(error instanceof jsonwebtoken.TokenExpiredError ? 'token_expired' : 'invalid_token')
  }
}

const toCaller = (claims: unknown): Caller => {
  const service = serviceClaims.safeParse(claims)
  if (service.success) return { kind: 'service', name: service.data.sub.slice('service:'.length) }
  const user = userClaims.safeParse(claims)
  if (!user.success) throw refuse('invalid_token')
  const { sub, sid, username, role } = user.data
  return { kind: 'user', userId: sub, username, role, sessionId: sid }
}

const FETCH_AGAIN_AFTER_MS = 5_000
const FRESH_FOR_MS = 300_000

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA') })) })

/** The keys behind a JWKS address: fetched at need, kept when the address does not answer, never asked too often. */
export const createKeyFinder = (jwksUrl: string): ((kid: string) => Promise<KeyObject | undefined>) => {
  let keys = new Map<string, KeyObject>()
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  const fetchKeys = async (): Promise<void> => {
    const response = await fetch(jwksUrl, { signal: AbortSignal.timeout(3000) })
    const { keys: found } = jwksSchema.parse(await response.json())
    keys = new Map(found.map((jwk) => [jwk.kid, createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })]))
    askedAt = performance.now()
  }
  const refresh = async (): Promise<void> => {
    asking ??= fetchKeys().finally(() => (asking = undefined))
    await asking
  }
  return async (kid) => {
    const age = performance.now() - askedAt
    const known = keys.get(kid)
    if (known && age < FRESH_FOR_MS) return known
    if (!known && age < FETCH_AGAIN_AFTER_MS) return undefined
    await refresh().catch(() => {
      if (!known) throw refuse('dependency_unavailable', { dependency: 'auth-service' })
    })
    return keys.get(kid)
  }
}
