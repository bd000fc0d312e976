import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { HOLD_STATUSES, type Hold } from './domain.js'

const amount = { type: BigInt, required: true }

export const holds = defineCollection<Hold>(
  'holds',
  {
    walletId: { type: String, required: true },
    targetId: { type: String, required: true },
    ownerId: String,
    currency: { type: String, required: true },
    amountMinor: amount,
    capturedMinor: amount,
    status: { type: String, enum: HOLD_STATUSES, required: true },
    description: String,
    placedBy: { type: String, required: true },
    placedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { walletId: 1, _id: -1 } },
      { fields: { expiresAt: 1 }, options: { partialFilterExpression: { status: 'pending' } } },
    ],
    invariants: [{ $gte: ['$amountMinor', '$capturedMinor'] }, { $gte: ['$capturedMinor', { $toLong: 0 }] }],
  },
)

export const findHold = (reads: Reads, id: string) => reads.findOne(holds, { _id: id })

/** Pending holds whose time has run out, the oldest first. */
export const findOverdue = (reads: Reads, now: Date, limit: number): Promise<Hold[]> =>
  reads.find(holds, { status: 'pending', expiresAt: { $lte: now } }, { sort: { expiresAt: 1 }, limit })

/** Someone else has taken a step with this hold since it was read. */
export class HoldChanged extends Error {}

export const holdInsertion = (hold: Hold): CompanionWrite => insertion(holds, hold, () => new HoldChanged())

/** Writes a step if the hold is still as it was when the step was decided. */
export const holdUpdate = (before: Hold, { status, capturedMinor, version }: Hold): CompanionWrite => ({
  kind: 'update',
  into: holds,
  filter: { _id: before._id, version: before.version },
  update: { $set: { status, capturedMinor, version } },
  otherwise: () => new HoldChanged(),
})
