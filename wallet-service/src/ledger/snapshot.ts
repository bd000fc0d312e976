import { native } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { blocks } from './store.js'

/** Options that make every read with them see the books as of one moment. */
export type Snapshot = Pick<mongo.FindOptions, 'session' | 'readConcern'>

/** Reads as of one moment, without the time limit of a transaction; MongoDB keeps a moment for five minutes. */
export const inSnapshot = async <Result>(
  db: Connection,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> => {
  const session = await db.startSession({ snapshot: true })
  try {
    // Named at each read, because the connection's own read concern would win over the session's.
    return await read({ session, readConcern: { level: 'snapshot' } })
  } finally {
    await session.endSession()
  }
}

/** The height of the newest block; 0 while the chain is empty. */
export const headHeight = async (db: Connection, snapshot: Snapshot = {}): Promise<number> => {
  const [head] = await native(db, blocks).find({}, snapshot).sort({ _id: -1 }).limit(1).toArray()
  return head?.height ?? 0
}
