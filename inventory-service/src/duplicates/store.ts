import { Page, rangeOf } from '@countinghouse/shared/http/page'
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

/** How many that look alike are told of together, and judged together. */
export const TWINS_MAX = 100

type Where = { among: mongo.Document; timeZone: string }
type Group = Pick<Suspicion, 'kind' | 'twins'> & { _id: Partial<Common> }
type Common = Pick<Suspicion, 'party' | 'amountMinor' | 'day'>

/** Stages that leave groups of entries which look alike. */
const alikeIn = ({ kind, match, same, billNumber }: Source, { among, timeZone }: Where): mongo.Document[] => {
  const { byDay, ...fields } = same
  const day = { $dateToString: { date: '$createdAt', format: '%Y-%m-%d', timezone: timeZone } }
  const output = {
    ...{ id: '$_id', billNumber: billNumber ?? null, createdBy: { $ifNull: ['$createdBy', null] } },
    createdAt: '$createdAt',
  }
  const twins = { $topN: { n: TWINS_MAX, sortBy: { createdAt: 1, _id: 1 }, output } }
  return [
    { $match: { $and: [match, among] } },
    { $group: { _id: { ...fields, ...(byDay && { day }) }, newest: { $max: '$createdAt' }, twins } },
    { $match: { 'twins.1': { $exists: true } } },
    { $set: { kind } },
  ]
}

/** Stages that leave the groups that nobody has looked into; one more twin makes it a new one. */
const openAmong = ({ kind }: Source): mongo.Document[] => [
  {
    $lookup: {
      ...{ from: findings.name, as: 'found', let: { ids: '$twins.id' } },
      pipeline: [{ $match: { kind, $expr: { $setIsSubset: ['$$ids', '$ids'] } } }, { $limit: 1 }],
    },
  },
  { $match: { found: [] } },
]

const toSuspicion = ({ kind, twins, _id: { party = null, amountMinor = null, day = null } }: Group): Suspicion => ({
  ...{ kind, party, amountMinor, day, twins },
})

export const findAlike = async (reads: Reads, source: Source, where: Where): Promise<Suspicion[]> =>
  (await reads.aggregate<Group>(source.collection, alikeIn(source, where))).map(toSuspicion)

type At = { page: number; page_size: number }

/** What looks alike and nobody has looked into, in all these places, the newest first. */
export const listSuspicions = async (
  reads: Reads,
  [first, ...others]: readonly Source[],
  where: Where,
  at: At,
): Promise<Page<Suspicion>> => {
  if (!first) return new Page([], 0, at)
  const openIn = (source: Source) => [...alikeIn(source, where), ...openAmong(source)]
  const { skip, limit } = rangeOf(at)
  const groups = [{ $sort: { newest: -1, kind: 1, _id: 1 } }, { $skip: skip }, { $limit: limit }]
  const [found] = await reads.aggregate<{ groups: Group[]; count: { total: number }[] }>(first.collection, [
    ...openIn(first),
    ...others.map((source) => ({ $unionWith: { coll: source.collection.name, pipeline: openIn(source) } })),
    { $facet: { groups, count: [{ $count: 'total' }] } },
  ])
  return new Page((found?.groups ?? []).map(toSuspicion), found?.count[0]?.total ?? 0, at)
}
