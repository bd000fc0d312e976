import type { mongo } from 'mongoose'
import type { CollectionDefinition } from './collection.js'
import { native, type Tx } from './transaction.js'

/**
 * A write that must commit together with an effect decided elsewhere, carried as data: an inbox row, an idempotency
 * answer, the state of a hold. `absent` inserts (the filter names the `_id`), `present` updates; when the database finds
 * it otherwise, the effect does not happen and `otherwise` is thrown.
 */
export type CompanionWrite = {
  readonly into: CollectionDefinition<{ _id: string }>
  readonly filter: mongo.Document & { _id: string }
  readonly update: mongo.Document
  readonly expect: 'absent' | 'present'
  readonly otherwise: () => Error
}

/** The companion that inserts a document and fails when one with its id exists. */
export const insertion = <Doc extends { _id: string }>(
  into: CollectionDefinition<Doc>,
  { _id, ...rest }: Doc,
  otherwise: () => Error,
): CompanionWrite => ({ into, filter: { _id }, update: { $setOnInsert: rest }, expect: 'absent', otherwise })

/** Does the write in this transaction, or throws what the companion says when the database finds it otherwise. */
export const applyCompanion = async (
  tx: Tx,
  { into, filter, update, expect, otherwise }: CompanionWrite,
): Promise<void> => {
  const options = { session: tx.session, upsert: expect === 'absent' }
  const result = await native(tx.db, into).updateOne(filter, update, options)
  if ((expect === 'absent' ? result.upsertedCount : result.matchedCount) !== 1) throw otherwise()
}
