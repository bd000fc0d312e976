import type { RevocationKind, RevocationNotice } from '@countinghouse/shared/contracts/revocation'

/** The end of a session, of a user's sessions until now, or of an API key; nothing ends it before it expires. */
export type Revocation = { _id: string; kind: RevocationKind; subject: string; revokedAt: Date; expiresAt: Date }

/** The id is a new UUIDv7: of the sessions of a user it ends those whose ids sort before it. */
export type NewRevocation = {
  id: string
  kind: RevocationKind
  subject: string
  accessSeconds: number
}

// As long as tokens live by default, in case they were made before the setting was lowered.
const LIFE_SECONDS_MIN = 3_600
const CLOCKS_DIFFER_SECONDS = 60

export const createRevocation = ({ id, kind, subject, accessSeconds }: NewRevocation, now: Date): Revocation => {
  const seconds = Math.max(accessSeconds, LIFE_SECONDS_MIN) + CLOCKS_DIFFER_SECONDS
  return { _id: id, kind, subject, revokedAt: now, expiresAt: new Date(now.getTime() + seconds * 1000) }
}

export const toNotice = ({ _id, kind, subject, expiresAt }: Revocation): RevocationNotice => ({
  id: _id,
  kind,
  subject,
  expires_at: expiresAt.toISOString(),
})

/** No UUIDv7 made at that millisecond or later sorts before it. */
export const earliestIdAt = (ms: number): string => {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}
