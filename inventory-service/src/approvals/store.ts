import { rangeOf, Page } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import { APPROVAL_STATUSES, type Approval, type ApprovalStatus } from './domain.js'

const text = { type: String, required: true }
const date = { type: Date, required: true }

export const approvals = defineCollection<Approval>(
  'approvals',
  {
    kind: text,
    subjectId: String,
    document: { type: Object, required: true },
    party: Object,
    amountMinor: { type: BigInt, required: true },
    currency: text,
    makers: { type: [String], required: true },
    needed: { type: Number, required: true },
    decisions: { type: [Object], required: true },
    status: { type: String, enum: APPROVAL_STATUSES, required: true },
    replaces: String,
    result: String,
    openedAt: date,
    expiresAt: date,
    closedAt: Date,
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { openedAt: -1, _id: -1 } },
      { fields: { makers: 1, openedAt: -1 } },
      { fields: { expiresAt: 1 }, options: { partialFilterExpression: { status: 'pending' } } },
      {
        fields: { kind: 1, subjectId: 1 },
        options: { unique: true, partialFilterExpression: { status: 'pending', subjectId: { $gt: '' } } },
      },
    ],
    // Maker and checker are never the same person, whatever code forgets.
    invariants: [{ $eq: [{ $size: { $setIntersection: ['$makers', '$decisions.by'] } }, 0] }],
  },
)

/** What passed without approval for one party on one day, so that parts of a large document add up. */
export type Tally = { _id: string; amountMinor: bigint; day: string }

const KEPT_FOR_DAYS = 40

export const tallies = defineCollection<Tally & { createdAt: Date }>(
  'approvalTallies',
  { amountMinor: { type: BigInt, required: true }, day: text, createdAt: date },
  { indexes: [{ fields: { createdAt: 1 }, options: { expireAfterSeconds: KEPT_FOR_DAYS * 24 * 3600 } }] },
)

/** Somebody else decided, changed or took back the document since it was read. */
export class ApprovalChanged extends Error {}

/** What passed meanwhile leaves too little to pass without approval. */
export class TallyExceeded extends Error {}

export const approvalInsertion = (approval: Approval): CompanionWrite =>
  insertion(approvals, approval, () => new ApprovalChanged())

/** Writes a step if the approval is still as it was read and, for a decision, its maker is not the decider. */
export const approvalUpdate = (before: Approval, { _id, ...after }: Approval, decider?: string): CompanionWrite => ({
  kind: 'update',
  into: approvals,
  filter: {
    _id,
    version: before.version,
    status: 'pending',
    ...(decider !== undefined && { makers: { $ne: decider }, 'decisions.by': { $ne: decider } }),
  },
  update: { $set: after },
  otherwise: () => new ApprovalChanged(),
})

export const findApproval = (reads: Reads, id: string) => reads.findOne(approvals, { _id: id })

export const findPendingOf = (reads: Reads, kind: string, subjectId: string) =>
  reads.findOne(approvals, { kind, subjectId, status: 'pending' })

/** Pending approvals whose time has run out, the oldest first. */
export const findLapsed = (reads: Reads, now: Date, limit: number): Promise<Approval[]> =>
  reads.find(approvals, { status: 'pending', expiresAt: { $lte: now } }, { sort: { expiresAt: 1 }, limit })

export const countPending = (reads: Reads): Promise<number> => reads.count(approvals, { status: 'pending' })

/** The tally of this name as it stands; it is there from now on. */
export const tallyOf = async (db: Connection, id: string, day: string, now: Date): Promise<Tally> => {
  const found = await readsOn(db).findOne(tallies, { _id: id })
  if (found) return found
  const empty = { _id: id, amountMinor: 0n, day, createdAt: now }
  await inTransaction(db, (tx) => tx.insertIfAbsent(tallies, empty))
  return empty
}

/** Adds to a tally that stays at or below the most that passes. */
export const tallyUpdate = (id: string, amountMinor: bigint, mostMinor: bigint): CompanionWrite => ({
  kind: 'update',
  into: tallies,
  filter: { _id: id, amountMinor: { $lte: mostMinor - amountMinor } },
  update: { $inc: { amountMinor } },
  otherwise: () => new TallyExceeded(),
})

export type ApprovalQuery = {
  status: ApprovalStatus | undefined
  kind: string | undefined
  /** Whose they are, by writing or deciding them, or because they wait; undefined for all. */
  visibleTo: string | undefined
}

export const listApprovals = async (
  reads: Reads,
  { status, kind, visibleTo }: ApprovalQuery,
  at: { page: number; page_size: number },
): Promise<Page<Approval>> => {
  const filter: mongo.Filter<Approval> = {
    ...(status && { status }),
    ...(kind !== undefined && { kind }),
    ...(visibleTo !== undefined && {
      $or: [{ status: 'pending' }, { makers: visibleTo }, { 'decisions.by': visibleTo }],
    }),
  }
  const found = await reads.find(approvals, filter, { sort: { openedAt: -1, _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(approvals, filter), at)
}
