import type { ClientSession, Connection, mongo } from 'mongoose'
import { counter } from '../metrics.js'
import { refuse } from '../refusal.js'
import { modelOf, type CollectionDefinition } from './collection.js'

type Row = { _id: string }
export type ReadOptions = { sort?: Record<string, 1 | -1>; limit?: number; skip?: number }

/** What may be read, inside or outside a transaction. */
export interface Reads {
  findOne<Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>): Promise<Doc | undefined>
  find<Doc extends Row>(
    from: CollectionDefinition<Doc>,
    filter: mongo.Filter<Doc>,
    options?: ReadOptions,
  ): Promise<Doc[]>
  count<Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>): Promise<number>
  aggregate<Result>(from: CollectionDefinition<Row>, pipeline: mongo.Document[]): Promise<Result[]>
}

/** By how much the figures of one document grow, and what else it holds. */
export type Addition<Doc extends Row> = {
  readonly _id: string
  readonly by: Partial<Doc>
  readonly fixed: Partial<Doc>
}

/** A transaction: the only thing through which anything is written. Its statements run one after another. */
export interface Tx extends Reads {
  readonly db: Connection
  readonly session: ClientSession
  insert<Doc extends Row>(into: CollectionDefinition<Doc>, ...documents: Doc[]): Promise<void>
  /** Answers how many documents matched: 0 or 1. */
  update<Doc extends Row>(
    into: CollectionDefinition<Doc>,
    filter: mongo.Filter<Doc>,
    update: mongo.UpdateFilter<Doc>,
  ): Promise<number>
  /** Answers true when the document was not there and is now. */
  insertIfAbsent<Doc extends Row>(into: CollectionDefinition<Doc>, document: Doc): Promise<boolean>
  replace<Doc extends Row>(into: CollectionDefinition<Doc>, document: Doc): Promise<void>
  /** Adds to figures, in one go; a document that is not there begins with what it is given. */
  add<Doc extends Row>(into: CollectionDefinition<Doc>, additions: readonly Addition<Doc>[]): Promise<void>
  remove<Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>): Promise<number>
}

const retries = counter('mongo_transaction_retries_total', 'Transactions that MongoDB aborted and that ran again')

// Jepsen's MongoDB 4.2.6 report: the defaults lose writes and snapshots, so every guarantee is asked for by name.
const GUARANTEES = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
  maxCommitTimeMS: 5000,
} as const

const GIVE_UP_AFTER_MS = 10_000

/** Runs the work in one transaction, again when MongoDB aborts it for a conflict; refuses as `busy` after ten seconds. */
export const inTransaction = async <Result>(db: Connection, work: (tx: Tx) => Promise<Result>): Promise<Result> => {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  let attempts = 0
  const session = await db.startSession()
  try {
    return await session.withTransaction(() => {
      if (++attempts > 1) retries.inc()
      if (performance.now() > giveUpAt) throw refuse('busy')
      return work(transactionOn(db, session))
    }, GUARANTEES)
  } finally {
    await session.endSession()
  }
}

/** Reads outside a transaction, each its own snapshot of majority-committed data. */
export const readsOn = (db: Connection, session?: ClientSession, readPreference?: mongo.ReadPreferenceMode): Reads => {
  const scope = { ...(session && { session }), ...(readPreference && { readPreference }) }
  return {
    findOne: async <Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>) =>
      (await native(db, from).findOne<Doc>(filter, scope)) ?? undefined,
    find: <Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>, options: ReadOptions = {}) =>
      native(db, from)
        .find<Doc>(filter, { ...scope, ...options })
        .toArray(),
    count: (from, filter) => native(db, from).countDocuments(filter, scope),
    aggregate: <Result>(from: CollectionDefinition<Row>, pipeline: mongo.Document[]) =>
      native(db, from).aggregate(pipeline, scope).toArray() as Promise<Result[]>,
  }
}

const transactionOn = (db: Connection, session: ClientSession): Tx => ({
  ...readsOn(db, session),
  db,
  session,
  insert: async (into, ...documents) => {
    await modelOf(db, into).insertMany(documents, { session })
  },
  update: async (into, filter, update) => (await native(db, into).updateOne(filter, update, { session })).matchedCount,
  insertIfAbsent: async (into, document) => {
    const filter = { _id: document._id } as mongo.Filter<typeof document>
    const { _id, ...rest } = document
    const update = { $setOnInsert: rest } as mongo.UpdateFilter<typeof document>
    return (await native(db, into).updateOne(filter, update, { session, upsert: true })).upsertedCount === 1
  },
  replace: async (into, document) => {
    const { _id, ...rest } = document
    await native(db, into).replaceOne({ _id } as mongo.Filter<typeof document>, rest, {
      session,
      upsert: true,
    })
  },
  add: async (into, additions) => {
    const operations = additions.map(({ _id, by, fixed }) => ({
      updateOne: { filter: { _id }, update: { $inc: by, $setOnInsert: fixed }, upsert: true },
    }))
    if (operations.length > 0) await native(db, into).bulkWrite(operations as never, { session })
  },
  remove: async (from, filter) => (await native(db, from).deleteMany(filter, { session })).deletedCount,
})

/** The driver's own collection, typed by its definition. */
export const native = <Doc extends Row>(db: Connection, { name }: CollectionDefinition<Doc>): mongo.Collection<Doc> => {
  if (!db.db) throw new Error('MongoDB is not connected')
  return db.db.collection<Doc>(name)
}
