import { createHash } from 'node:crypto'
import type { ConsumeMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import { Page, rangeOf } from '../http/page.js'
import { defineCollection } from '../mongo/collection.js'
import { native, type Reads, type Tx } from '../mongo/transaction.js'

export const LETTER_STATUSES = ['waiting', 'redriven', 'discarded'] as const
export type LetterStatus = (typeof LETTER_STATUSES)[number]

/** A message that failed each time, kept until somebody decides about it. */
export type DeadLetter = {
  _id: string
  queue: string
  type: string
  content: string
  reason: string
  failedAt: Date
  /** How often it came here: once more after each redrive that failed. */
  times: number
  status: LetterStatus
  settledBy: string | null
  settledAt: Date | null
  note: string | null
}

export const deadLetters = defineCollection<DeadLetter>(
  'deadLetters',
  {
    queue: { type: String, required: true },
    type: { type: String },
    content: { type: String },
    reason: { type: String },
    failedAt: { type: Date, required: true },
    times: { type: Number, required: true },
    status: { type: String, enum: LETTER_STATUSES, required: true },
    settledBy: String,
    settledAt: Date,
    note: String,
  },
  { indexes: [{ fields: { status: 1, _id: 1 } }] },
)

type Properties = { messageId?: string; type?: string; headers?: Record<string, string> }

/** Keeps a message; one that comes again waits again. */
export const keepLetter = async (db: Connection, queue: string, message: ConsumeMessage): Promise<void> => {
  const { messageId, type, headers } = message.properties as Properties
  const content = message.content.toString()
  const id = messageId || createHash('sha256').update(content).digest('hex')
  const failedAt = new Date(headers?.['x-ch-failed-at'] ?? '')
  await native(db, deadLetters).updateOne(
    { _id: `${queue}:${id}` },
    {
      $inc: { times: 1 },
      $set: {
        ...{ queue, content, type: type ?? '', status: 'waiting' },
        reason: headers?.['x-ch-reason'] ?? headers?.['x-last-death-reason'] ?? 'it was delivered too often',
        failedAt: Number.isNaN(failedAt.getTime()) ? new Date() : failedAt,
        ...{ settledBy: null, settledAt: null, note: null },
      },
    },
    { upsert: true },
  )
}

export const findLetter = (reads: Reads, id: string) => reads.findOne(deadLetters, { _id: id })

export const listLetters = async (
  reads: Reads,
  status: LetterStatus,
  at: { page: number; page_size: number },
): Promise<Page<DeadLetter>> => {
  const found = await reads.find(deadLetters, { status }, { sort: { _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(deadLetters, { status }), at)
}

/** Notes what became of a letter; false when it came again, or was settled, since it was read. */
export const settleLetter = async (
  tx: Tx,
  { _id, times }: DeadLetter,
  settled: Pick<DeadLetter, 'status' | 'settledBy' | 'settledAt' | 'note'>,
): Promise<boolean> => (await tx.update(deadLetters, { _id, times, status: 'waiting' }, { $set: settled })) === 1

export const countWaiting = (reads: Reads) =>
  reads.aggregate<{ _id: string; count: number }>(deadLetters, [
    { $match: { status: 'waiting' } },
    { $group: { _id: '$queue', count: { $sum: 1 } } },
  ])
