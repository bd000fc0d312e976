import type { RevocationNotice } from '../contracts/revocation.js'
import { refuse } from '../refusal.js'
import type { Caller } from './caller.js'

/** What has been revoked and not yet run out by itself. */
export interface Revoked {
  add(notice: RevocationNotice): void
  /** Throws for a caller whose session, sessions or key have ended; costs a look or two into memory. */
  assertNotRevoked(caller: Caller): void
  /** Forgets what has run out by itself. */
  sweep(nowMs: number): void
  size(): number
}

type End = { readonly id: string; readonly untilMs: number; readonly gone: boolean }

export const createRevoked = (): Revoked => {
  const sessions = new Map<string, End>()
  const users = new Map<string, End>()
  const apiKeys = new Map<string, End>()
  const holders = { session: sessions, user: users, user_gone: users, api_key: apiKeys }
  return {
    add: ({ id, kind, subject, expires_at }) => {
      const earlier = holders[kind].get(subject)
      if (earlier && earlier.id >= id) return
      holders[kind].set(subject, { id, untilMs: Date.parse(expires_at), gone: kind === 'user_gone' })
    },
    assertNotRevoked: (caller) => {
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
    size: () => sessions.size + users.size + apiKeys.size,
  }
}
