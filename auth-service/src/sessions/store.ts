import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import type { RefreshToken, Session } from './domain.js'

const runsOut = { fields: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } } as const

export const sessions = defineCollection<Session>(
  'sessions',
  {
    userId: { type: String, required: true },
    device: String,
    address: { type: String, required: true },
    createdAt: { type: Date, required: true },
    lastUsedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    endsAt: Date,
  },
  { indexes: [{ fields: { userId: 1, lastUsedAt: -1 } }, runsOut] },
)

export const refreshTokens = defineCollection<RefreshToken>(
  'refresh_tokens',
  {
    sessionId: { type: String, required: true },
    issuedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    retiredAt: Date,
    sealedSuccessor: String,
  },
  { indexes: [{ fields: { sessionId: 1 } }, runsOut] },
)

export const insertSession = (tx: Tx, session: Session): Promise<void> => tx.insert(sessions, session)

/** Writes a session that was read in this transaction. */
export const replaceSession = (tx: Tx, session: Session): Promise<void> => tx.replace(sessions, session)

export const findSession = (reads: Reads, id: string) => reads.findOne(sessions, { _id: id })

const LATEST_FIRST = { lastUsedAt: -1 } as const

export const findSessions = (reads: Reads, userId: string, skip = 0): Promise<Session[]> =>
  reads.find(sessions, { userId }, { sort: LATEST_FIRST, skip })

export const listSessions = async (
  reads: Reads,
  { userId, now, ...at }: { userId: string; now: Date; page: number; page_size: number },
): Promise<Page<Session>> => {
  const filter = { userId, expiresAt: { $gt: now } }
  const found = await reads.find(sessions, filter, { sort: LATEST_FIRST, ...rangeOf(at) })
  return new Page(found, await reads.count(sessions, filter), at)
}

export const isKnownAddress = async (reads: Reads, userId: string, address: string): Promise<boolean> =>
  (await reads.findOne(sessions, { userId, address })) !== undefined

export const removeSessions = async (tx: Tx, ids: string[]): Promise<void> => {
  await tx.remove(refreshTokens, { sessionId: { $in: ids } })
  await tx.remove(sessions, { _id: { $in: ids } })
}

export const findRefreshToken = (reads: Reads, hash: string) => reads.findOne(refreshTokens, { _id: hash })

export const insertRefreshToken = (tx: Tx, token: RefreshToken): Promise<void> => tx.insert(refreshTokens, token)

/** Writes a token that was read in this transaction. */
export const replaceRefreshToken = (tx: Tx, token: RefreshToken): Promise<void> => tx.replace(refreshTokens, token)

/** A token whose grace is over opens nothing any more; there is at most one more with each refresh. */
export const forgetSuccessor = async (tx: Tx, sessionId: string, retiredBefore: Date): Promise<void> => {
  const graceless = { sessionId, retiredAt: { $lt: retiredBefore }, sealedSuccessor: { $ne: null } }
  await tx.update(refreshTokens, graceless, { $set: { sealedSuccessor: null } })
}

/** Sessions of the time when there was nothing to refresh them with. */
export const dropUnrefreshable = async (db: Connection): Promise<void> => {
  await native(db, sessions).deleteMany({ lastUsedAt: { $exists: false } })
}
