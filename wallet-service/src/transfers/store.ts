import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { ItemResult } from './domain.js'

/** A batch under an idempotency key, whose transfers stand each for itself: the payload that its key is for. */
type Batch = { _id: string; fingerprint: string; startedAt: Date }

/** The outcome of one of its transfers, committed with the entry if there is one, and final. */
type BatchItem = { _id: string; result: ItemResult; settledAt: Date }

// A day longer than the answer to the whole batch, so that no outcome is forgotten before it.
const KEPT_FOR_SECONDS = 8 * 24 * 3600
const expiring = (field: string) => ({
  indexes: [{ fields: { [field]: 1 } as const, options: { expireAfterSeconds: KEPT_FOR_SECONDS } }],
})

export const batches = defineCollection<Batch>(
  'transfer_batches',
  { fingerprint: { type: String, required: true }, startedAt: { type: Date, required: true } },
  expiring('startedAt'),
)

export const batchItems = defineCollection<BatchItem>(
  'transfer_batch_items',
  { result: { type: Object, required: true }, settledAt: { type: Date, required: true } },
  expiring('settledAt'),
)

/** The fingerprint of the payload that came first under this key. */
export const openBatch = async (tx: Tx, batch: Batch): Promise<string> => {
  if (await tx.insertIfAbsent(batches, batch)) return batch.fingerprint
  return (await tx.findOne(batches, { _id: batch._id }))?.fingerprint ?? ''
}

const itemId = (batchId: string, index: number): string => `${batchId}:${index.toString()}`

export const findItems = async (reads: Reads, batchId: string, indexes: readonly number[]) => {
  const ids = new Map(indexes.map((index) => [itemId(batchId, index), index]))
  const found = await reads.find(batchItems, { _id: { $in: [...ids.keys()] } })
  return new Map(found.map(({ _id, result }) => [ids.get(_id) ?? -1, result]))
}

/** Another request with the same key has settled this item. */
export class ItemSettled extends Error {}

type Outcome = { batchId: string; index: number; result: ItemResult; now: Date }

export const itemWrite = (outcome: Outcome): CompanionWrite =>
  insertion(batchItems, toItem(outcome), () => new ItemSettled())

export const insertItems = (tx: Tx, outcomes: readonly Outcome[]): Promise<void> =>
  tx.insert(batchItems, ...outcomes.map(toItem))

const toItem = ({ batchId, index, result, now }: Outcome): BatchItem => ({
  _id: itemId(batchId, index),
  result,
  settledAt: now,
})
