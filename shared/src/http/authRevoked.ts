import type { RevocationNotice } from '../contracts/revocation.js'
import { refuse } from '../refusal.js'
import type { Verified } from './authMemory.js'

/** What has been revoked and not yet run out by itself. */
export interface Revoked {
  add(notice: RevocationNotice): void
  /** Throws for a caller whose session, sessions or key have ended; costs a few looks into memory. */
  assertNotRevoked(verified: Pick<Verified, 'caller' | 'signedBy'>): void
  /** Forgets what has run out by itself; who stole a signing key makes tokens that never do. */
  sweep(nowMs: number): void
  size(): number
}

type End = { readonly id: string; readonly untilMs: number; readonly gone: boolean }

export const createRevoked = (): Revoked => {
  const sessions = new Map<string, End>()
  const users = new Map<string, End>()
  const apiKeys = new Map<string, End>()
  const signingKeys = new Map<string, End>()
  const holders = { session: sessions, user: users, user_gone: users, api_key: apiKeys, signing_key: signingKeys }
  return {
    add: ({ id, kind, subject, expires_at }) => {
      const earlier = holders[kind].get(subject)
      if (earlier && earlier.id >= id) return
      holders[kind].set(subject, { id, untilMs: Date.parse(expires_at), gone: kind === 'user_gone' })
    },
    assertNotRevoked: ({ caller, signedBy }) => {
      if (signedBy !== undefined && signingKeys.has(signedBy)) throw refuse('invalid_token')
      if (caller.kind === 'apiKey' && apiKeys.has(caller.keyId)) throw refuse('invalid_api_key')
      if (caller.kind !== 'user') return
      if (sessions.has(caller.sessionId)) throw refuse('invalid_token')
      const end = users.get(caller.userId)
      // Both ids are UUIDv7, so that their order is that of time: exact within auth-service, unlike the seconds of `iat`.
      if (end && caller.sessionId < end.id) throw refuse(end.gone ? 'user_gone' : 'invalid_token')
    },
    sweep: (nowMs) => {
      for (const holder of [sessions, users, apiKeys])
        for (const [subject, { untilMs }] of holder) if (untilMs <= nowMs) holder.delete(subject)
    },
    size: () => sessions.size + users.size + apiKeys.size + signingKeys.size,
  }
}
