import { z } from 'zod'
import { refuse } from '../refusal.js'

export const SERVICE_TOKEN_PATH = '/auth/service-token'

/** A service's own identity, for its calls to other services. */
export interface ServiceToken {
  /** The `Authorization` header; renewed before its token ends, fetched when there is none. */
  authorization(): Promise<string>
  /** Another is fetched in place of one that was refused. */
  forget(authorization: string): void
}

export type ServiceTokenOptions = { authUrl: string; name: string; secret: string }

type Held = { authorization: string; renewAt: number; endsAt: number }

const TIMEOUT_MS = 3_000
const RENEWED_AFTER = 0.75
// A token that ends on the way to where it is checked is refused there.
const WAY_MS = 5_000
const RENEW_AGAIN_AFTER_MS = 1_000

const answerSchema = z.object({ access_token: z.string(), expires_in: z.number().positive() })

/** Tokens by client credentials: held while they are good, renewed in the background, asked for once at a time. */
export const createServiceToken = ({ authUrl, name, secret }: ServiceTokenOptions): ServiceToken => {
  let held: Held | undefined
  let asking: Promise<Held> | undefined
  let askedAt = Number.NEGATIVE_INFINITY
  const ask = async (): Promise<Held> => {
    askedAt = performance.now()
    const { access_token, expires_in } = await fetchToken(authUrl, { client_id: name, client_secret: secret })
    const lifeMs = expires_in * 1000
    held = {
      authorization: `Bearer ${access_token}`,
      renewAt: askedAt + lifeMs * RENEWED_AFTER,
      endsAt: askedAt + lifeMs - Math.min(WAY_MS, lifeMs / 10),
    }
    return held
  }
  const renew = (): Promise<Held> => (asking ??= ask().finally(() => (asking = undefined)))
  return {
    authorization: async () => {
      const now = performance.now()
      if (!held || now >= held.endsAt) return (await renew()).authorization
      if (now >= held.renewAt && now - askedAt > RENEW_AGAIN_AFTER_MS) renew().catch(() => undefined)
      return held.authorization
    },
    forget: (authorization) => {
      if (held?.authorization === authorization) held = undefined
    },
  }
}

const fetchToken = async (authUrl: string, credentials: object): Promise<z.infer<typeof answerSchema>> => {
  try {
    const response = await fetch(authUrl + SERVICE_TOKEN_PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(credentials),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!response.ok) throw new Error(`auth-service answered ${response.status.toString()}`)
    return answerSchema.parse(await response.json())
  } catch {
    throw refuse('dependency_unavailable', { dependency: 'auth-service' })
  }
}
