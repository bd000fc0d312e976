import { z } from 'zod'
import { SCOPES } from '../contracts/auth.js'
import { Refusal, refuse } from '../refusal.js'
import type { Verified } from './authMemory.js'
import type { ServiceClient } from './client.js'

export const API_KEY_CLAIMS_PATH = '/auth/api-key-claims'

/** What auth-service tells about a key that is good. A scope that only a newer version knows opens nothing here. */
export const ApiKeyClaims = z.object({
  key_id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  expires_at: z.iso.datetime().nullable(),
})

const API_KEY = /^ch_[a-z]+_[\w-]{40}$/
// Its revocation ends it at once all the same; within that time it is not asked about again.
const BELIEVED_FOR_MS = 30_000

export const isApiKey = (credential: string): boolean => credential.startsWith('ch_')

/** Has auth-service say whose key it is: no other service keeps anything of keys. */
export const createApiKeyVerifier =
  (auth: ServiceClient) =>
  async (key: string, nowMs: number): Promise<Verified> => {
    if (!API_KEY.test(key)) throw refuse('invalid_api_key')
    const call = { method: 'POST', path: API_KEY_CLAIMS_PATH, body: { key } } as const
    const claims = await auth.call(call, ApiKeyClaims).catch((error: unknown) => {
      throw error instanceof Refusal && error.status === 404 ? refuse('invalid_api_key') : error
    })
    const { key_id, name, expires_at } = claims
    const scopes = SCOPES.filter((scope) => claims.scopes.includes(scope))
    const endsAtMs = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at)
    return {
      caller: { kind: 'apiKey', keyId: key_id, name, scopes },
      untilMs: Math.min(nowMs + BELIEVED_FOR_MS, endsAtMs),
    }
  }
