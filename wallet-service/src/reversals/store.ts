import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { Reversal } from './domain.js'

export const reversals = defineCollection<Reversal>(
  'reversals',
  { remainingMinor: { type: BigInt, required: true } },
  { invariants: [{ $gte: ['$remainingMinor', { $toLong: 0 }] }] },
)

export const findReversal = (reads: Reads, entryId: string) => reads.findOne(reversals, { _id: entryId })

/** The entry was reversed by someone else since this was decided. */
export class ReversalChanged extends Error {}

/** Writes what is left to reverse, if it is still what the reversal was decided on. */
export const reversalWrite = (before: Reversal | undefined, after: Reversal): CompanionWrite => {
  const otherwise = () => new ReversalChanged()
  if (!before) return insertion(reversals, after, otherwise)
  const update = { $set: { remainingMinor: after.remainingMinor } }
  return { kind: 'update', into: reversals, filter: before, update, otherwise }
}
