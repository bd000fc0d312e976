import { setTimeout as pause } from 'node:timers/promises'
import mongoose, { type Connection } from 'mongoose'
import { maskUrl, type Log } from '../log.js'
import { observeMongo } from './observe.js'

export type MongoOptions = {
  uri: string
  database: string
  service: string
  log: Log
  /** From how many milliseconds on a command is logged; none, unless it is said. */
  slowMs?: number
  /** Ends the wait for a database that does not come up. */
  signal?: AbortSignal
}

const RETRY_AFTER_MS = 1000

/** Connects to a replica set, waiting for as long as it takes and saying so; refuses a stand-alone server. */
export const connectMongo = async (options: MongoOptions): Promise<Connection> => {
  for (;;) {
    const connection = open(options)
    try {
      await connection.asPromise()
      await assertReplicaSet(connection)
      await warnOfLongLocks(connection, options.log)
      observeMongo({ client: connection.getClient(), log: options.log, slowMs: options.slowMs })
      return connection
    } catch (error) {
      await connection.close(true).catch(() => undefined)
      if (error instanceof StandaloneServerError || options.signal?.aborted) throw error
      options.log.warn(
        { waiting_for: 'mongodb', uri: maskUrl(options.uri), reason: String(error) },
        'Waiting for MongoDB',
      )
      await pause(RETRY_AFTER_MS, undefined, options.signal ? { signal: options.signal } : {})
    }
  }
}

const open = ({ uri, database, service }: MongoOptions): Connection =>
  mongoose.createConnection(uri, {
    dbName: database,
    appName: service,
    serverSelectionTimeoutMS: 5000,
    connectTimeoutMS: 2000,
    maxPoolSize: 50,
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    sanitizeFilter: true,
    useBigInt64: true,
    ignoreUndefined: true,
    retryWrites: true,
    monitorCommands: true,
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
  })

class StandaloneServerError extends Error {}

const assertReplicaSet = async (connection: Connection): Promise<void> => {
  const hello = await connection.db?.admin().command({ hello: 1 })
  if (typeof hello?.['setName'] === 'string' || hello?.['msg'] === 'isdbgrid') return
  throw new StandaloneServerError('MongoDB must run as a replica set: transactions and change streams need one')
}

const LOCKED_FOR_SECONDS_MAX = 20

// What a killed process had open stays locked for that long, and nobody else can write it.
const warnOfLongLocks = async (connection: Connection, log: Log): Promise<void> => {
  const name = 'transactionLifetimeLimitSeconds'
  const answer = await connection.db
    ?.admin()
    .command({ getParameter: 1, [name]: 1 })
    .catch(() => undefined)
  const seconds = Number(answer?.[name] ?? 0)
  if (seconds > LOCKED_FOR_SECONDS_MAX)
    log.warn({ [name]: seconds }, `Set ${name} of MongoDB to 10, for recovery within seconds`)
}

/** True when MongoDB answers within two seconds. */
export const pingMongo = async (db: Connection): Promise<boolean> => {
  try {
    await db.db?.command({ ping: 1 }, { timeoutMS: 2000 })
    return db.readyState === mongoose.ConnectionStates.connected
  } catch {
    return false
  }
}
