import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'

/** An image whose files go, unless a product has named it by then. */
export type UnwantedImage = { _id: string; dueAt: Date }

export const unwantedImages = defineCollection<UnwantedImage>(
  'unwanted_images',
  { dueAt: { type: Date, required: true } },
  { indexes: [{ fields: { dueAt: 1 } }] },
)

/** Lets the files of these images go once this transaction has committed. */
export const unwant = async (tx: Tx, imageIds: readonly string[], dueAt: Date): Promise<void> => {
  if (imageIds.length > 0) await tx.insert(unwantedImages, ...imageIds.map((_id) => ({ _id, dueAt })))
}

export const findUnwanted = (reads: Reads, now: Date, limit: number): Promise<UnwantedImage[]> =>
  reads.find(unwantedImages, { dueAt: { $lte: now } }, { sort: { dueAt: 1 }, limit })
