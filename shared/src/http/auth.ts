import type { IncomingHttpHeaders } from 'node:http'
import { refuse } from '../refusal.js'
import { isApiKey } from './authApiKey.js'
import { createVerifiedMemory, type Verified } from './authMemory.js'
import { anonymous, type Caller } from './caller.js'

/**
 * Turns a credential into a caller, at once when it has been seen before; refuses a token that is not ours, not valid,
 * not for access, or revoked, and an API key that is not good.
 */
export type Authenticate = (credential: string | undefined) => Caller | Promise<Caller>

/** What a request shows for who it is: `Authorization`, else `X-API-Key` as if it were a bearer's. */
export const credentialOf = (headers: IncomingHttpHeaders): string | undefined => {
  const { authorization, 'x-api-key': apiKey } = headers
  if (authorization !== undefined || apiKey === undefined) return authorization
  return `Bearer ${String(apiKey)}`
}

type Verify = (credential: string, nowMs: number) => Promise<Verified>

export type AuthenticateOptions = {
  verifyToken: Verify
  verifyApiKey: Verify
  /** Settles when what is revoked is known; until then nobody is believed. */
  revocationsKnown: () => Promise<void>
  /** Looked at for every request, so it must be quick; throws for a caller whose session or key has ended. */
  assertNotRevoked: (verified: Verified) => void
  now?: () => number
}

/** Verifies a credential once and believes it until its end, unless it is revoked. */
export const createAuthenticate = ({ now = Date.now, ...options }: AuthenticateOptions): Authenticate => {
  const memory = createVerifiedMemory()
  const verify = async (credential: string): Promise<Caller> => {
    const token = bearerOf(credential)
    const verified = await options[isApiKey(token) ? 'verifyApiKey' : 'verifyToken'](token, now())
    // It is services that ask what is revoked: auth-service must believe them before it knows.
    if (verified.caller.kind !== 'service') await options.revocationsKnown()
    options.assertNotRevoked(verified)
    memory.keep(credential, verified)
    return verified.caller
  }
  return (credential) => {
    if (credential === undefined) return anonymous
    const known = memory.find(credential, now())
    if (!known) return verify(credential)
    options.assertNotRevoked(known)
    return known.caller
  }
}

const bearerOf = (credential: string): string => {
  const [scheme, token] = credential.split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw refuse('unauthenticated')
  return token
}
