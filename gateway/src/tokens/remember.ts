import type { Authenticate } from '@countinghouse/shared/http/auth'
import type { Caller } from '@countinghouse/shared/http/caller'

const KEPT_FOR_MS = 60_000
const KEPT_AT_MOST = 10_000

/** Verifies a token once and believes it for a minute, never past its end; what was refused is not remembered. */
export const rememberVerified = (authenticate: Authenticate, now: () => number = Date.now): Authenticate => {
  const verified = new Map<string, { caller: Caller; untilMs: number }>()
  return async (authorization) => {
    if (authorization === undefined) return authenticate(undefined)
    const known = verified.get(authorization)
    if (known && now() < known.untilMs) return known.caller
    verified.delete(authorization)
    const caller = await authenticate(authorization)
    if (verified.size >= KEPT_AT_MOST) forgetOldest(verified)
    verified.set(authorization, { caller, untilMs: Math.min(now() + KEPT_FOR_MS, expiryMsOf(authorization)) })
    return caller
  }
}

const forgetOldest = (verified: Map<string, unknown>): void => {
  const oldest = verified.keys().next()
  if (!oldest.done) verified.delete(oldest.value)
}

// Only ever called with a token that has been verified.
const expiryMsOf = (authorization: string): number => {
  const payload = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()
  const { exp = 0 } = JSON.parse(payload) as { exp?: number }
  return exp * 1000
}
