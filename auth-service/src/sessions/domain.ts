import type { Profile } from '../identity.js'

/** One login on one device; each access token names its session, so that ending the session ends its tokens. */
export type Session = { _id: string; userId: string; device: string | null; createdAt: Date }

const DEVICE_MAX = 256

export type NewSession = { id: string; userId: string; device: string | undefined }

export const createSession = ({ id, userId, device }: NewSession, now: Date): Session => ({
  _id: id,
  userId,
  device: device?.slice(0, DEVICE_MAX) ?? null,
  createdAt: now,
})

/** What an access token says of its holder; times are in seconds. */
export type AccessClaims = Pick<Profile, 'username' | 'role'> & { sub: string; sid: string; iat: number; exp: number }

export const claimsOf = (session: Session, { username, role }: Profile, accessSeconds: number): AccessClaims => {
  const iat = Math.floor(session.createdAt.getTime() / 1000)
  return { sub: session.userId, sid: session._id, username, role, iat, exp: iat + accessSeconds }
}
