import type { CollectionDefinition } from '../mongo/collection.js'
import type { Reads, Tx } from '../mongo/transaction.js'
import { positions, type Position } from './position.js'

/**
 * A projection's collections exist in numbered copies: while the next one is made from the stream, the one before it is
 * kept up to date and read. The first has the plain names.
 */
export const toCopy = <Definition extends CollectionDefinition<{ _id: string }>>(
  definition: Definition,
  copy = 1,
): Definition => (copy === 1 ? definition : { ...definition, name: `${definition.name}~${copy.toString()}` })

/** The same reads, of one copy. */
const readsInCopy = (reads: Reads, copy: number): Reads => ({
  findOne: (from, filter) => reads.findOne(toCopy(from, copy), filter),
  find: (from, filter, options) => reads.find(toCopy(from, copy), filter, options),
  stream: (from, filter, options) => reads.stream(toCopy(from, copy), filter, options),
  count: (from, filter) => reads.count(toCopy(from, copy), filter),
  aggregate: (from, pipeline) => reads.aggregate(toCopy(from, copy), pipeline),
})

/** The same transaction, on one copy. */
export const inCopy = (tx: Tx, copy = 1): Tx =>
  copy === 1
    ? tx
    : {
        ...readsInCopy(tx, copy),
        db: tx.db,
        session: tx.session,
        insert: (into, ...documents) => tx.insert(toCopy(into, copy), ...documents),
        update: (into, filter, update) => tx.update(toCopy(into, copy), filter, update),
        insertIfAbsent: (into, document) => tx.insertIfAbsent(toCopy(into, copy), document),
        replace: (into, document) => tx.replace(toCopy(into, copy), document),
        add: (into, additions) => tx.add(toCopy(into, copy), additions),
        remove: (from, filter) => tx.remove(toCopy(from, copy), filter),
      }

export type Standing = { readonly reads: Reads; readonly copy: number; readonly asOf: Date | undefined }

/** What a projection knows now: reads of the copy that counts, and the time of the newest event in it. */
export const standingOf = async (reads: Reads, projection: string): Promise<Standing> => {
  const { copy = 1, at } = (await reads.findOne(positions, { _id: projection })) ?? {}
  return { reads: readsInCopy(reads, copy), copy, asOf: at ?? undefined }
}

const NEXT = '~next'

/** Where the next copy of a projection stands while it is made. */
export const nextOf = (projection: string): string => projection + NEXT

/** How the inbox names a copy: what one has applied, another has not. */
export const copyNameOf = ({ _id, copy = 1 }: Position): string =>
  copy === 1 ? _id : `${_id.replace(NEXT, '')}~${copy.toString()}`
