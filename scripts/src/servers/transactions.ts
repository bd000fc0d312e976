import mongoose from 'mongoose'
import { reason } from '../kit/failure.js'
import type { Say } from './types.js'

// A process that is killed leaves its transaction open, and what it wrote locked, until MongoDB gives it up: after a
// minute by default. No transaction of ours may take longer than this.
const transactionLifetimeSeconds = 10

/** Makes MongoDB give up the transactions of killed processes soon; says so where it may not be asked for that. */
export const limitTransactions = async (mongodbUri: string, say: Say): Promise<void> => {
  const connection = mongoose.createConnection(mongodbUri, { serverSelectionTimeoutMS: 5_000 })
  try {
    await connection.asPromise()
    await connection.db
      ?.admin()
      .command({ setParameter: 1, transactionLifetimeLimitSeconds: transactionLifetimeSeconds })
  } catch (error) {
    say(`MongoDB keeps its own limit for abandoned transactions (${reason(error)})`)
  } finally {
    await connection.close()
  }
}
