import type { Role } from '@countinghouse/shared/contracts/auth'
import type { Profile, Visit } from '../identity.js'

/** One login on one device; each access token names its session, so that ending the session ends its tokens. */
export type Session = {
  _id: string
  userId: string
  device: string | null
  address: string
  createdAt: Date
  lastUsedAt: Date
  /** When it ends by itself, unless it is refreshed before. */
  expiresAt: Date
  /** When it ends however often it is refreshed. */
  endsAt: Date | null
}

/**
 * A session is refreshed by a chain of tokens, each of which is retired by its first use. What it was exchanged for is
 * sealed with the retired token itself, so that its holder alone can be given the same again.
 */
export type RefreshToken = {
  _id: string
  sessionId: string
  issuedAt: Date
  expiresAt: Date
  retiredAt: Date | null
  sealedSuccessor: string | null
}

export const SESSIONS_MAX = 50
const DEVICE_MAX = 256
const GRACE_MS = 10_000
const STAFF_LIFE_MS = 24 * 3600 * 1000
const STAFF: readonly Role[] = ['admin', 'staff', 'viewer']

export type NewSession = { id: string; user: Pick<Profile, '_id' | 'role'>; visit: Visit; restSeconds: number }

export const createSession = ({ id, user, visit, restSeconds }: NewSession, now: Date): Session => {
  const endsAt = STAFF.includes(user.role) ? new Date(now.getTime() + STAFF_LIFE_MS) : null
  return {
    _id: id,
    userId: user._id,
    device: visit.device?.slice(0, DEVICE_MAX) ?? null,
    address: visit.address,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: restUntil(now, restSeconds, endsAt),
    endsAt,
  }
}

/** The session after a refresh. */
export const prolong = (session: Session, address: string, restSeconds: number, now: Date): Session => ({
  ...session,
  address,
  lastUsedAt: now,
  expiresAt: restUntil(now, restSeconds, session.endsAt),
})

const restUntil = (now: Date, restSeconds: number, endsAt: Date | null): Date =>
  new Date(Math.min(now.getTime() + restSeconds * 1000, endsAt?.getTime() ?? Infinity))

export const createRefreshToken = (hash: string, session: Session, now: Date): RefreshToken => ({
  _id: hash,
  sessionId: session._id,
  issuedAt: now,
  expiresAt: session.expiresAt,
  retiredAt: null,
  sealedSuccessor: null,
})

export const USES = ['expired', 'first', 'repeat', 'reuse'] as const
export type Use = (typeof USES)[number]

/**
 * What it means that a token comes in now. Two tabs that race, or a client that never saw the answer, repeat within the
 * grace and get the same successor: the chain never forks, so whoever comes later with a retired token is found out.
 */
export const judgeUse = ({ expiresAt, retiredAt, sealedSuccessor }: RefreshToken, now: Date): Use => {
  if (expiresAt <= now) return 'expired'
  if (retiredAt === null) return 'first'
  return retiredAt >= graceBegan(now) && sealedSuccessor !== null ? 'repeat' : 'reuse'
}

/** What was retired before has no grace any more. */
export const graceBegan = (now: Date): Date => new Date(now.getTime() - GRACE_MS)

/** What an access token says of its holder; times are in seconds. */
export type AccessClaims = Pick<Profile, 'username' | 'role'> & { sub: string; sid: string; iat: number; exp: number }

/** No access token outlives its session. */
export const claimsOf = (
  session: Session,
  { username, role }: Profile,
  accessSeconds: number,
  now: Date,
): AccessClaims => {
  const iat = toSeconds(now)
  const exp = Math.min(iat + accessSeconds, toSeconds(session.expiresAt))
  return { sub: session.userId, sid: session._id, username, role, iat, exp }
}

const toSeconds = (date: Date): number => Math.floor(date.getTime() / 1000)
