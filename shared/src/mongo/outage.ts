import { setTimeout as pause } from 'node:timers/promises'
import { mongo, type Connection } from 'mongoose'
import type { Log } from '../log.js'
import { pingMongo } from './connect.js'

const LOOK_AGAIN_AFTER_MS = 1000

/** Does the work, and for as long as it fails because MongoDB is away, waits for it and does the work again. */
export const untilMongoAnswers = async <Result>(
  db: Connection,
  log: Log,
  work: () => Promise<Result>,
): Promise<Result> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isOutage(error)) throw error
      log.warn({ waiting_for: 'mongodb', reason: String(error) }, 'MongoDB is gone; holding the work')
      do await pause(LOOK_AGAIN_AFTER_MS)
      while (!(await pingMongo(db)))
    }
  }
}

/** True for an error that says nothing about the work, only that the database could not be reached. */
export const isOutage = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError ||
  error instanceof mongo.MongoServerSelectionError ||
  error instanceof mongo.MongoNotConnectedError ||
  error instanceof mongo.MongoTopologyClosedError
