import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { gauge } from '../metrics.js'
import { refuse } from '../refusal.js'
import type { FindKey } from './authToken.js'

export const JWKS_PATH = '/.well-known/jwks.json'

const FETCH_AGAIN_AFTER_MS = 5_000
const FRESH_FOR_MS = 60_000
const TIMEOUT_MS = 3_000

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.literal('RSA') })) })

const jwksAge = gauge('jwks_age_seconds', 'Time since the public keys were last read from auth-service')

/**
 * The keys behind a JWKS address: fetched at need, kept when the address does not answer, never asked too often. A key
 * that is known is given at once, however old the answer that it came with; a new answer is fetched behind it.
 */
export const createKeyFinder = (jwksUrl: string, now = () => performance.now()): FindKey => {
  let keys = new Map<string, KeyObject>()
  let fetchedAt = Number.NEGATIVE_INFINITY
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  const fetchKeys = async (): Promise<void> => {
    const response = await fetch(jwksUrl, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const { keys: found } = jwksSchema.parse(await response.json())
    keys = new Map(found.map((jwk) => [jwk.kid, createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })]))
    fetchedAt = now()
  }
  const refresh = (): Promise<void> => {
    askedAt = now()
    asking ??= fetchKeys().finally(() => (asking = undefined))
    return asking
  }
  const fetchUnknown = async (kid: string): Promise<KeyObject | undefined> => {
    await refresh().catch(() => {
      throw refuse('dependency_unavailable', { dependency: 'auth-service' })
    })
    return keys.get(kid)
  }
  return (kid) => {
    const known = keys.get(kid)
    const ageMs = now() - fetchedAt
    jwksAge.set(ageMs / 1000)
    if (!known) return ageMs < FETCH_AGAIN_AFTER_MS ? undefined : fetchUnknown(kid)
    if (ageMs > FRESH_FOR_MS && now() - askedAt > FETCH_AGAIN_AFTER_MS) refresh().catch(() => undefined)
    return known
  }
}
