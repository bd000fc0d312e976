import type { ClientSession } from 'mongoose'
import { uuidv7 } from '../uuid.js'

/**
 * Hands what this process writes to whoever works on it in the same process, when it is committed: they need neither be
 * told of it by the database nor read it back. Only a short cut: what is not taken here is found in the database.
 */
export interface Handover<Row extends { _id: string }> {
  /** Names the rows that are handed over here. */
  readonly by: string
  /** Keeps rows for a while, and calls the listeners when their transaction is over. */
  give(session: ClientSession, rows: readonly Row[]): void
  /** Those of the rows under these ids that are kept, which they are then no longer. */
  take(ids: readonly string[]): Map<string, Row>
  /** Answers how to hear no more. */
  listen(listener: () => void): () => void
}

const KEPT_MAX = 50

export const createHandover = <Row extends { _id: string }>(): Handover<Row> => {
  const kept = new Map<string, Row>()
  const listeners = new Set<() => void>()
  const sessions = new WeakSet<ClientSession>()
  const tell = (): void => listeners.forEach((listener) => listener())
  return {
    by: uuidv7(),
    give: (session, rows) => {
      if (kept.size > KEPT_MAX) kept.clear()
      for (const row of rows) kept.set(row._id, row)
      if (sessions.has(session)) return
      sessions.add(session)
      // Behind the answers to those who wait for the same commit.
      session.once('ended', () => setImmediate(tell))
    },
    take: (ids) => {
      const taken = new Map<string, Row>()
      for (const id of ids) {
        const row = kept.get(id)
        if (row) taken.set(id, row)
        kept.delete(id)
      }
      return taken
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
