import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { mongo, type ClientSession, type Connection } from 'mongoose'
import { counter } from '../metrics.js'
import { refuse } from '../refusal.js'
import { modelOf, type CollectionDefinition } from './collection.js'
import { answerOf, isLostConnection } from './outage.js'

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
  /** The same one by one, for more than memory should hold. */
  stream<Doc extends Row>(
    from: CollectionDefinition<Doc>,
    filter: mongo.Filter<Doc>,
    options?: ReadOptions,
  ): AsyncIterable<Doc>
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
const PAUSE_MAX_MS = 500

/**
 * Runs the work in one transaction, again when MongoDB aborts it for a conflict or the connection is lost. After ten
 * seconds it refuses as `busy`, or says what was lost; whether the last commit came about is then not known.
 */
export const inTransaction = async <Result>(db: Connection, work: (tx: Tx) => Promise<Result>): Promise<Result> => {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  const session = await db.startSession()
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await answerOf(unlessSilent(runOnce(db, session, work, giveUpAt)))
      } catch (error) {
        if (error instanceof Silence) throw error
        if (!isConflict(error) && !isLostConnection(error)) throw error
        if (performance.now() > giveUpAt) throw isLostConnection(error) ? error : refuse('busy')
      }
      retries.inc()
      await pause(randomInt(Math.ceil(Math.min(5 * 1.5 ** attempt, PAUSE_MAX_MS))))
    }
  } finally {
    // Not waited for: what never got an answer would not let go.
    session.endSession().catch(() => undefined)
  }
}

/** Nobody knows what became of an attempt: it is not made again here, but by whoever may repeat it safely. */
class Silence extends mongo.MongoNetworkError {}

const SILENT_AFTER_MS = 20_000

// A command written to a socket that has just been destroyed is waited for by the driver for ever.
const unlessSilent = async <Result>(attempt: Promise<Result>): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Silence('MongoDB has not answered for 20 seconds')), SILENT_AFTER_MS)
  })
  return Promise.race([attempt, silence]).finally(() => clearTimeout(timer))
}

// Not the driver's own `withTransaction`: it takes a broken socket for a failure of the work, and stumbles over one itself.
const runOnce = async <Result>(
  db: Connection,
  session: ClientSession,
  work: (tx: Tx) => Promise<Result>,
  giveUpAt: number,
): Promise<Result> => {
  session.startTransaction(GUARANTEES)
  try {
    const result = await work(transactionOn(db, session))
    await commit(session, giveUpAt)
    return result
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction()
    throw error
  }
}

/**
 * Asks again for as long as nobody knows whether it was done: MongoDB remembers what it committed. What is no answer of
 * MongoDB is a broken socket, or the driver stumbling over one.
 */
const commit = async (session: ClientSession, giveUpAt: number): Promise<void> => {
  for (;;) {
    try {
      await session.commitTransaction()
      return
    } catch (error) {
      const isAnswer = error instanceof mongo.MongoError && !isLostConnection(error)
      const isKnown = isAnswer && !error.hasErrorLabel('UnknownTransactionCommitResult')
      if (isKnown || performance.now() > giveUpAt) throw error
    }
  }
}

const isConflict = (error: unknown): boolean =>
  error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError')

/** Reads outside a transaction, each its own snapshot of majority-committed data. */
export const readsOn = (db: Connection, session?: ClientSession, readPreference?: mongo.ReadPreferenceMode): Reads => {
  const scope = { ...(session && { session }), ...(readPreference && { readPreference }) }
  return {
    findOne: async <Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>) =>
      (await answerOf(native(db, from).findOne<Doc>(filter, scope))) ?? undefined,
    find: <Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>, options: ReadOptions = {}) =>
      answerOf(
        native(db, from)
          .find<Doc>(filter, { ...scope, ...options })
          .toArray(),
      ),
    stream: (from, filter, options = {}) =>
      each(native(db, from).find(filter, { ...scope, ...options, batchSize: STREAMED_AT_ONCE }) as mongo.FindCursor),
    count: (from, filter) => answerOf(native(db, from).countDocuments(filter, scope)),
    aggregate: <Result>(from: CollectionDefinition<Row>, pipeline: mongo.Document[]) =>
      answerOf(native(db, from).aggregate(pipeline, scope).toArray() as Promise<Result[]>),
  }
}

const STREAMED_AT_ONCE = 500

async function* each<Doc>(cursor: mongo.FindCursor<Doc>): AsyncGenerator<Doc> {
  try {
    for (let next = await answerOf(cursor.next()); next; next = await answerOf(cursor.next())) {
      yield next
      yield* cursor.readBufferedDocuments()
    }
  } finally {
    await cursor.close()
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
    const filter = { _id } as mongo.Filter<typeof document>
    await native(db, into).replaceOne(filter, rest, { session, upsert: true })
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
