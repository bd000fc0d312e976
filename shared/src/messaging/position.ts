import { createHash, randomUUID } from 'node:crypto'
import type { ConsumeMessage } from 'amqplib'
import { defineCollection } from '../mongo/collection.js'
import type { Tx } from '../mongo/transaction.js'
import { offsetOf, type StreamReader } from './stream.js'

/** How far a projection has read the event stream. */
export type Position = {
  _id: string
  /** Changes when the projection starts over, so that a reader of the time before notices. */
  generation: string
  /** Of the last message read; -1 before the first. */
  offset: number
  /** The hash of that message: by it the stream is known again. */
  landmark: string
  /** The time of the newest event read; null before the first. */
  at?: Date | null
  /** Which copy of the projection's collections this is about; 1 when it was never rebuilt. */
  copy?: number
  interruptions?: number
}

export const positions = defineCollection<Position>('positions', {
  generation: { type: String, required: true },
  offset: { type: Number, required: true },
  landmark: { type: String, required: true },
  at: { type: Date },
  copy: { type: Number },
  interruptions: { type: Number },
})

/** Makes a batch that is being projected begin again, with what this transaction changes. */
export const interruptProjection = (tx: Tx, name: string): Promise<number> =>
  tx.update(positions, { _id: name }, { $inc: { interruptions: 1 } })

/** Where a projection stands; a new one stands before the first message. */
export const takePosition = async (tx: Tx, name: string): Promise<Position> => {
  const known = await tx.findOne(positions, { _id: name })
  return known ?? startOver(tx, name)
}

/** Sends a projection back to the first message of the stream. */
export const startOver = async (tx: Tx, name: string, copy?: number): Promise<Position> => {
  const known = copy === undefined ? await tx.findOne(positions, { _id: name }) : undefined
  const position = { ...beforeTheFirst(), _id: name, copy: copy ?? known?.copy ?? 1 }
  await tx.replace(positions, position)
  return position
}

const beforeTheFirst = () => ({ generation: randomUUID(), offset: -1, landmark: '', at: null })

export const positionAfter = (position: Position, message: ConsumeMessage, times: readonly string[]): Position => ({
  ...position,
  offset: offsetOf(message),
  landmark: landmarkOf(message),
  at: times.map((time) => new Date(time)).reduce<Date | null>(later, position.at ?? null),
})

const later = (one: Date | null, other: Date): Date => (one === null || other > one ? other : one)

/** Where to begin, so that the first message is the one that was read last. */
export const beginningFor = ({ offset }: Position): number | 'first' => (offset < 0 ? 'first' : offset)

const LANDMARK_WITHIN_MS = 3_000

/**
 * True when the reader begins with the message that was read last. A stream that was deleted and filled again has
 * another one there, or, while it is shorter, none at all: RabbitMQ then delivers nothing, however much is published.
 * The broker's message count cannot tell, because it lags by seconds.
 */
export const isKnownStream = async (reader: StreamReader, position: Position): Promise<boolean> => {
  if (position.offset < 0) return true
  const [first] = await reader.nextWithin(LANDMARK_WITHIN_MS)
  if (!first && !reader.isOpen()) throw new Error('The channel was lost')
  return first !== undefined && offsetOf(first) === position.offset && landmarkOf(first) === position.landmark
}

const landmarkOf = (message: ConsumeMessage): string => createHash('sha256').update(message.content).digest('base64url')
