import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { inTransaction, type Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema, type Connection } from 'mongoose'
import type { LedgerLine } from './lines.js'

/** All lines as one block left them, so that a trial balance need not read the journal from its first page. */
export type Checkpoint = { _id: string; height: number; lines: LedgerLine[]; takenAt: Date }

const line = new Schema(
  {
    account: { type: String, required: true },
    currency: { type: String, required: true },
    debitMinor: { type: BigInt, required: true },
  },
  { _id: false },
)

export const checkpoints = defineCollection<Checkpoint>('checkpoints', {
  height: { type: Number, required: true },
  lines: { type: [line], required: true },
  takenAt: { type: Date, required: true },
})

export const saveCheckpoint = async (db: Connection, checkpoint: Checkpoint): Promise<void> => {
  await inTransaction(db, (tx) => tx.insertIfAbsent(checkpoints, checkpoint))
}

/** The last checkpoint that is not above a height. */
export const findCheckpoint = async (reads: Reads, heightMax: number): Promise<Checkpoint | undefined> => {
  const filter = { height: { $lte: heightMax } }
  return (await reads.find(checkpoints, filter, { sort: { _id: -1 }, limit: 1 }))[0]
}
