import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { BEFORE_THE_FIRST, type Entry, type Link } from './domain.js'

const text = { type: String, required: true } as const
const newestFirst = { at: -1, height: -1 } as const

export const auditEntries = defineCollection<Entry>(
  'audit_entries',
  {
    ...{ height: { type: Number, required: true }, at: { type: Date, required: true } },
    ...{ actor: text, action: text, entityKind: text, entityId: text },
    ...{ customerIds: { type: [String], required: true }, reason: String },
    ...{ correlationId: text, causationId: String, data: text, previousHash: text, hash: text },
  },
  {
    indexes: [
      { fields: { height: 1 }, options: { unique: true } },
      ...['actor', 'entityId', 'entityKind', 'customerIds'].map((name) => ({ fields: { [name]: 1, ...newestFirst } })),
      { fields: newestFirst },
    ],
  },
)

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
  if (await tx.insertIfAbsent(auditEntries, entry))
    await tx.replace(auditHead, { _id: HEAD, height: entry.height, hash: entry.hash })
}

export const findEntry = (reads: Reads, id: string) => reads.findOne(auditEntries, { _id: id })

export type Place = Pick<Entry, 'at' | 'height'>
export type Search = {
  readonly actor?: string | undefined
  readonly entity?: string | undefined
  readonly customerId?: string | undefined
  readonly from?: Date | undefined
  readonly before?: Date | undefined
  readonly olderThan?: Place | undefined
}

/** The entries that fit, the newest first. */
export const listEntries = (reads: Reads, search: Search, limit: number): Promise<Entry[]> => {
  const { actor, entity, customerId, from, before, olderThan } = search
  const all = [
    ...(actor === undefined ? [] : [{ actor: { $in: [actor, `user:${actor}`] } }]),
    ...(entity === undefined ? [] : [aboutEntity(entity)]),
    ...(customerId === undefined ? [] : [{ customerIds: customerId }]),
    ...(from ? [{ at: { $gte: from } }] : []),
    ...(before ? [{ at: { $lt: before } }] : []),
    ...(olderThan ? [isOlderThan(olderThan)] : []),
  ]
  return reads.find(auditEntries, all.length > 0 ? { $and: all } : {}, { sort: newestFirst, limit })
}

// A kind, an id, or both: `sale`, `SO-251223-0026`, `sale:SO-251223-0026`.
const aboutEntity = (entity: string) => {
  const [, entityKind, entityId] = /^([^:]+):(.+)$/.exec(entity) ?? []
  const both = entityKind !== undefined && entityId !== undefined ? [{ entityKind, entityId }] : []
  return { $or: [{ entityKind: entity }, { entityId: entity }, ...both] }
}

const isOlderThan = ({ at, height }: Place) => ({
  at: { $lte: at },
  $or: [{ at: { $lt: at } }, { height: { $lt: height } }],
})

/** What is recorded of the same thing just before. */
export const findBefore = async (reads: Reads, entry: Entry): Promise<Entry | undefined> => {
  const { entityKind, entityId } = entry
  const filter = { $and: [{ entityKind, entityId }, isOlderThan(entry)] }
  return (await reads.find(auditEntries, filter, { sort: newestFirst, limit: 1 }))[0]
}

/** A stretch of the chain, in its order. */
export const readChain = (reads: Reads, after: number, limit: number): Promise<Entry[]> =>
  reads.find(auditEntries, { height: { $gt: after } }, { sort: { height: 1 }, limit })

export const findAtHeight = (reads: Reads, height: number) => reads.findOne(auditEntries, { height })
