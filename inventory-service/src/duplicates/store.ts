import { defineCollection, type CollectionDefinition } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { DUPLICATE_KINDS, OUTCOMES, type DuplicateKind, type Finding, type Suspicion } from './domain.js'

/** Where entries of a kind are, and by which expressions two of them look alike. */
export type Source = {
  kind: DuplicateKind
  collection: CollectionDefinition<{ _id: string }>
  match: mongo.Document
  same: { party: string | mongo.Document; amountMinor?: string | mongo.Document; byDay?: true }
  billNumber?: string
}

export const findings = defineCollection<Finding>(
  'duplicate_findings',
  {
    kind: { type: String, enum: DUPLICATE_KINDS, required: true },
    outcome: { type: String, enum: OUTCOMES, required: true },
    ids: { type: [String], required: true },
    removed: String,
    reason: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { indexes: [{ fields: { kind: 1, ids: 1 } }] },
)

export const findingInsertion = (finding: Finding): CompanionWrite =>
  insertion(findings, finding, () => new Error('A finding was made twice'))

export const findFindings = (reads: Reads, kind: DuplicateKind, ids: readonly string[]): Promise<Finding[]> =>
  reads.find(findings, { kind, ids: { $in: [...ids] } })

const SUSPICIONS_MAX = 100

type Group = { _id: { party?: string; amountMinor?: bigint; day?: string }; twins: Suspicion['twins'] }

/** Groups of entries that look alike, the newest first. */
export const findAlike = async (
  reads: Reads,
  { kind, collection, match, same, billNumber }: Source,
  { among, timeZone }: { among: mongo.Document; timeZone: string },
): Promise<Suspicion[]> => {
  const { byDay, ...fields } = same
  const day = { $dateToString: { date: '$createdAt', format: '%Y-%m-%d', timezone: timeZone } }
  const twin = { id: '$_id', billNumber: billNumber ?? null, createdBy: '$createdBy', createdAt: '$createdAt' }
  const groups = await reads.aggregate<Group>(collection, [
    { $match: { $and: [match, among] } },
    { $sort: { createdAt: 1 } },
    { $group: { _id: { ...fields, ...(byDay && { day }) }, twins: { $push: twin } } },
    { $match: { 'twins.1': { $exists: true } } },
    { $sort: { 'twins.createdAt': -1 } },
    { $limit: SUSPICIONS_MAX },
  ])
  return groups.map(({ _id: { party = null, amountMinor = null, day: on = null }, twins }) => ({
    ...{ kind, party, amountMinor, day: on },
    twins: twins.map(({ createdBy, ...rest }) => ({ ...rest, createdBy: createdBy ?? null })),
  }))
}
