import { setTimeout as pause } from 'node:timers/promises'
import { mongo, type Connection } from 'mongoose'
import type { Log } from '../log.js'
import { Refusal } from '../refusal.js'
import { pingMongo } from './connect.js'

const LOOK_AGAIN_AFTER_MS = 1000

/** Does the work, and for as long as it fails because MongoDB is away or too busy, waits and does the work again. */
export const untilMongoAnswers = async <Result>(
  db: Connection,
  log: Log,
  work: () => Promise<Result>,
): Promise<Result> => {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isOutage(error) && !isBusy(error)) throw error
      log.warn({ waiting_for: 'mongodb', reason: String(error) }, 'MongoDB is gone or busy; holding the work')
      do await pause(LOOK_AGAIN_AFTER_MS)
      while (!(await pingMongo(db)))
    }
  }
}

/** True for an error that says nothing about the work, only that the database could not be reached. */
export const isOutage = (error: unknown): boolean =>
  isLostConnection(error) ||
  error instanceof mongo.MongoNotConnectedError ||
  error instanceof mongo.MongoTopologyClosedError

const isBusy = (error: unknown): boolean => error instanceof Refusal && error.code === 'busy'

/** True when the database was reached and is no longer: it may be again in a moment. */
export const isLostConnection = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoServerSelectionError

/**
 * What MongoDB answers. A connection that breaks is a network error, as it should be: while it writes, the driver lets the
 * bare error of the socket through, and of several writes it makes a refusal.
 */
export const answerOf = async <Answer>(asked: Promise<Answer>): Promise<Answer> => {
  try {
    return await asked
  } catch (error) {
    throw asNetworkError(error)
  }
}

const asNetworkError = (error: unknown): unknown => {
  if (error instanceof mongo.MongoBulkWriteError) {
    const cause = asNetworkError(error.errorResponse)
    return isLostConnection(cause) ? cause : error
  }
  const { syscall, message } = (error ?? {}) as NodeJS.ErrnoException
  return syscall === undefined ? error : new mongo.MongoNetworkError(message, { cause: error as Error })
}
