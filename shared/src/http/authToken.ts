import type { KeyObject } from 'node:crypto'
import jsonwebtoken, { type JwtHeader } from 'jsonwebtoken'
import { z } from 'zod'
import { ROLES } from '../contracts/auth.js'
import { refuse } from '../refusal.js'
import type { Verified } from './authMemory.js'
import type { Caller } from './caller.js'

export const TOKEN_ISSUER = 'countinghouse'
export const TOKEN_AUDIENCE = 'countinghouse-api'
export const ACCESS_TOKEN_TYPE = 'at+jwt'

export type FindKey = (kid: string) => KeyObject | undefined | Promise<KeyObject | undefined>

// The library checks an end that is there; that there is one is for us to check.
const times = { iat: z.number(), exp: z.number() }
const userClaims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  username: z.string(),
  role: z.enum(ROLES),
  ...times,
})
const serviceClaims = z.object({ sub: z.string().startsWith('service:'), role: z.literal('service'), ...times })

const CLOCKS_DIFFER_SECONDS = 60

/** Verifies access tokens with the public keys that auth-service offers; see RFC 8725 for each of the checks. */
export const createTokenVerifier =
  (findKey: FindKey) =>
  async (token: string, nowMs: number): Promise<Verified> => {
    const header = headerOf(token)
    if (header?.alg !== 'RS256' || header.typ !== ACCESS_TOKEN_TYPE || !header.kid) throw refuse('invalid_token')
    const key = await findKey(header.kid)
    if (!key) throw refuse('invalid_token')
    return { ...toVerified(verify(token, key), nowMs), signedBy: header.kid }
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

const toVerified = (claims: unknown, nowMs: number): Verified => {
  const service = serviceClaims.safeParse(claims)
  const user = userClaims.safeParse(claims)
  const { iat, exp } = service.data ?? user.data ?? { iat: Number.POSITIVE_INFINITY, exp: 0 }
  if (iat > nowMs / 1000 + CLOCKS_DIFFER_SECONDS) throw refuse('invalid_token')
  return { caller: service.data ? toService(service.data) : toUser(user.data), untilMs: exp * 1000 }
}

const toService = ({ sub }: z.infer<typeof serviceClaims>): Caller => ({
  kind: 'service',
  name: sub.slice('service:'.length),
})

const toUser = (claims: z.infer<typeof userClaims> | undefined): Caller => {
  if (!claims) throw refuse('invalid_token')
  const { sub, sid, username, role } = claims
  return { kind: 'user', userId: sub, username, role, sessionId: sid }
}
