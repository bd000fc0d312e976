import { setTimeout as pause } from 'node:timers/promises'
import type { ConfirmChannel } from 'amqplib'
import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { counter, fromZero } from '../metrics.js'
import { inTransaction } from '../mongo/transaction.js'
import { toDeadLetters } from './republish.js'
import { beginningFor, isKnownStream, startOver, takePosition, type Position } from './position.js'
import { StartedOver, isPassing, projectBatch, type Reading } from './reading.js'
import { offsetOf, readStream, type StreamReader } from './stream.js'
import { EVENT_STREAM } from './topology.js'

/** A projection while it reads the stream on one channel. */
export type Session = {
  readonly name: string
  readonly db: Connection
  readonly log: Log
  readonly channel: ConfirmChannel
  readonly position: Position
  readonly reader: StreamReader
}

/** Begins to read where the projection stands; none when the stream is another one and the projection must start over. */
export const openSession = async (given: Omit<Session, 'position' | 'reader'>): Promise<Session | undefined> => {
  const { name, db, log, channel } = given
  fromZero(projected, { projection: [name], outcome: ['applied', 'duplicate', 'ignored', 'dlq'] })
  const position = await inTransaction(db, (tx) => takePosition(tx, name))
  const reader = await readStream(channel, beginningFor(position))
  const { offset } = position
  if (await isKnownStream(reader, position)) {
    log.info({ offset }, 'Reading the event stream')
    return { ...given, position, reader }
  }
  log.warn({ offset }, 'This is not the stream that was read before; reading it from the first event')
  await inTransaction(db, (tx) => startOver(tx, name))
  return undefined
}

const ATTEMPTS_MAX = 3
const TRY_AGAIN_AFTER_MS = 1000

const projected = counter('projection_events_total', 'Messages of the stream by what became of them', [
  'projection',
  'outcome',
])

/** Projects the messages; waits while MongoDB is away, and puts what fails each time with the dead letters. */
export const settle = async (session: Session, readings: readonly Reading[]): Promise<void> => {
  for (let attempt = 1; ;) {
    try {
      await projectAll(session, readings)
      return
    } catch (error) {
      if (error instanceof StartedOver || !session.reader.isOpen()) throw error
      session.log.warn({ err: error, attempt, messages: readings.length }, 'The projection failed; trying again')
      if (!isPassing(error)) {
        // One by one, so that the bad one does not take the good ones with it.
        if (readings.length > 1) return settleEach(session, readings)
        if (attempt === ATTEMPTS_MAX) return projectAll(session, condemn(readings, error))
        attempt += 1
      }
    }
    await pause(TRY_AGAIN_AFTER_MS)
  }
}

const settleEach = async (session: Session, readings: readonly Reading[]): Promise<void> => {
  for (const reading of readings) await settle(session, [reading])
}

const condemn = (readings: readonly Reading[], fault: unknown): Reading[] =>
  readings.map((reading) => ({ ...reading, fault }))

const projectAll = async (session: Session, readings: readonly Reading[]): Promise<void> => {
  const { name, db, log, channel, position } = session
  const bury = async ({ message, fault }: Reading): Promise<void> => {
    log.error({ err: fault, offset: offsetOf(message) }, 'An event of the stream is put with the dead letters')
    await toDeadLetters(channel, EVENT_STREAM, message, fault)
  }
  for (const outcome of await projectBatch({ db, position, readings, bury }))
    projected.inc({ projection: name, outcome })
}
