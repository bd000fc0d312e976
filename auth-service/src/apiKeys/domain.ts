import type { Scope } from '@countinghouse/shared/contracts/auth'

/** What a machine shows for who it is. Of the key itself only its hash is kept, and a beginning by which people know it. */
export type ApiKey = {
  _id: string
  name: string
  scopes: readonly Scope[]
  prefix: string
  keyHash: string
  createdBy: string
  createdAt: Date
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

export type NewApiKey = Pick<ApiKey, 'name' | 'scopes' | 'keyHash' | 'createdBy' | 'expiresAt'> & {
  id: string
  key: string
}

const SHOWN_LENGTH = 'ch_live_'.length + 6

export const createApiKey = ({ id, key, ...fields }: NewApiKey, now: Date): ApiKey => ({
  _id: id,
  ...fields,
  prefix: key.slice(0, SHOWN_LENGTH),
  createdAt: now,
  revokedAt: null,
  lastUsedAt: null,
})

export const isGood = ({ revokedAt, expiresAt }: ApiKey, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now)

const NOTED_EVERY_MS = 60_000

/** Uses are noted once a minute, so that a busy key costs no more writes than a quiet one. */
export const isUseToBeNoted = ({ lastUsedAt }: ApiKey, now: Date): boolean =>
  lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= NOTED_EVERY_MS
