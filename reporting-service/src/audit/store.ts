import { archiveOf, findInBoth, insertOnce } from '@countinghouse/shared/mongo/archive'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { BEFORE_THE_FIRST, readingOf, type Entry, type Link } from './domain.js'

const text = { type: String, required: true } as const
const newestFirst = { at: -1, height: -1 } as const

export const auditEntries = defineCollection<Entry>(
  'audit_entries',
  {
    ...{ height: { type: Number, required: true }, at: { type: Date, required: true } },
    ...{ actor: text, action: text, entityKind: text, entityId: text },
    ...{ customerIds: { type: [String], required: true }, found: [String], reason: String },
    ...{ correlationId: text, causationId: String, data: text, previousHash: text, hash: text },
  },
  {
    indexes: [
      { fields: { height: 1 }, options: { unique: true } },
      ...['actor', 'entityId', 'entityKind', 'customerIds'].map((name) => ({ fields: { [name]: 1, ...newestFirst } })),
      { fields: { found: 1, ...newestFirst }, options: { partialFilterExpression: { found: { $exists: true } } } },
      { fields: newestFirst },
    ],
  },
)

export const auditArchive = archiveOf(auditEntries)

/** Where the chain ends; changes in the same transaction as the entries. */
export const auditHead = defineCollection<{ _id: string } & Link>('audit_head', {
  height: { type: Number, required: true },
  hash: text,
})

const HEAD = 'head'

export const findHead = async (reads: Reads): Promise<Link> =>
  (await reads.findOne(auditHead, { _id: HEAD })) ?? BEFORE_THE_FIRST

/** Adds an entry at the end; one that is there already stays as it is, and nothing changes or removes one. */
export const append = async (tx: Tx, entry: Entry): Promise<void> => {
  if (await insertOnce(tx, auditArchive, entry))
    await tx.replace(auditHead, { _id: HEAD, height: entry.height, hash: entry.hash })
}

export const findEntry = (reads: Reads, id: string) => findFirst(reads, { _id: id }, newestFirst)

export type Place = Pick<Entry, 'at' | 'height'>
export type Search = {
  readonly actor?: string | undefined
  readonly entity?: string | undefined
  readonly customerId?: string | undefined
  readonly what?: 'changes' | 'reads' | undefined
  readonly from?: Date | undefined
  readonly before?: Date | undefined
  readonly olderThan?: Place | undefined
}

/** The entries that fit, the newest first. */
export const listEntries = (reads: Reads, search: Search, limit: number): Promise<Entry[]> => {
  const { actor, entity, customerId, what, from, before, olderThan } = search
  const all = [
    ...(actor === undefined ? [] : [{ actor: { $in: [actor, `user:${actor}`] } }]),
    ...(entity === undefined ? [] : [aboutEntity(entity)]),
    ...(customerId === undefined ? [] : [{ customerIds: customerId }]),
    ...(what ? [what === 'reads' ? { action: A_READING } : { action: { $not: A_READING } }] : []),
    ...(from ? [{ at: { $gte: from } }] : []),
    ...(before ? [{ at: { $lt: before } }] : []),
    ...(olderThan ? [isOlderThan(olderThan)] : []),
  ]
  return findInBoth(reads, auditArchive, all.length > 0 ? { $and: all } : {}, { sort: newestFirst, limit })
}

const A_READING = /\.read$/

// A kind, an id, or both: `sale`, `SO-251223-0026`, `sale:SO-251223-0026`.
const aboutEntity = (entity: string) => {
  const [, entityKind, entityId] = /^([^:]+):(.+)$/.exec(entity) ?? []
  const both = entityKind !== undefined && entityId !== undefined ? [{ entityKind, entityId }, { entityKind, found: entityId }] : [] // prettier-ignore
  return { $or: [{ entityKind: entity }, { entityId: entity }, { found: entity }, ...both] }
}

const isOlderThan = ({ at, height }: Place) => ({
  at: { $lte: at },
  $or: [{ at: { $lt: at } }, { height: { $lt: height } }],
})

/** What was announced of the same thing just before; that it was read changed nothing. */
export const findBefore = (reads: Reads, entry: Entry): Promise<Entry | undefined> => {
  const { entityKind, entityId } = entry
  const filter = { $and: [{ entityKind, entityId, action: { $ne: readingOf(entityKind) } }, isOlderThan(entry)] }
  return findFirst(reads, filter, newestFirst)
}

const findFirst = async (reads: Reads, filter: mongo.Document, sort: Record<string, 1 | -1>) =>
  (await findInBoth(reads, auditArchive, filter, { sort, limit: 1 }))[0]

/** A stretch of the chain, in its order. */
export const readChain = (reads: Reads, after: number, limit: number): Promise<Entry[]> =>
  findInBoth(reads, auditArchive, { height: { $gt: after } }, { sort: { height: 1 }, limit })

export const findAtHeight = (reads: Reads, height: number) => findFirst(reads, { height }, { height: 1 })
