import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { inTransaction, native, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { blockId } from '../ledger/block.js'
import { blocks, entries } from '../ledger/store.js'

/** A signed checkpoint; its id is its size, written as the id of the last block it covers. */
export type Seal = { _id: string; size: number; root: string; note: string; verifierKey: string; signedAt: Date }

/** The root over one stretch of blocks that is complete, so that no proof has to read all blocks again. */
export type Stretch = { _id: string; root: string }

export const seals = defineCollection<Seal>('seals', {
  size: { type: Number, required: true },
  root: { type: String, required: true },
  note: { type: String, required: true },
  verifierKey: { type: String, required: true },
  signedAt: { type: Date, required: true },
})

export const stretches = defineCollection<Stretch>('sealed_stretches', { root: { type: String, required: true } })

export const findLastSeal = async (reads: Reads): Promise<Seal | undefined> =>
  (await reads.find(seals, {}, { sort: { _id: -1 }, limit: 1 }))[0]

export const findSeal = (reads: Reads, size: number) => reads.findOne(seals, { _id: blockId(size) })

export const findStretches = (reads: Reads): Promise<Stretch[]> => reads.find(stretches, {}, { sort: { _id: 1 } })

export const saveStretch = async (db: Connection, stretch: Stretch): Promise<void> => {
  await inTransaction(db, (tx) => tx.insertIfAbsent(stretches, stretch))
}

export const saveSeal = async (db: Connection, seal: Seal): Promise<void> => {
  await inTransaction(db, (tx) => tx.insertIfAbsent(seals, seal))
}

/** Every key that ever signed, with its first seal. */
export const listVerifierKeys = (reads: Reads): Promise<{ _id: string; since: Date }[]> =>
  reads.aggregate(seals, [{ $group: { _id: '$verifierKey', since: { $min: '$signedAt' } } }, { $sort: { since: -1 } }])

/** The hashes of the blocks after one height up to another, in order. */
export const hashesOf = async (db: Connection, after: number, upTo: number): Promise<string[]> => {
  const rows = await native(db, blocks)
    .find({ _id: { $gt: blockId(after), $lte: blockId(upTo) } }, { projection: { hash: 1 } })
    .sort({ _id: 1 })
    .toArray()
  if (rows.length !== upTo - after) throw new Error(`Of the blocks from ${after + 1} to ${upTo} some are missing`)
  return rows.map(({ hash }) => hash)
}

export const findBlock = (reads: Reads, height: number) => reads.findOne(blocks, { _id: blockId(height) })

export const entriesOfBlock = (reads: Reads, height: number) => reads.find(entries, { height }, { sort: { index: 1 } })
