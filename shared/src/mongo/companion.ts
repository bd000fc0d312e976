import type { Connection, mongo } from 'mongoose'
import { canonicalJson } from '../canonicalJson.js'
import type { CollectionDefinition } from './collection.js'
import { inTransaction, native, type Tx } from './transaction.js'

type Target = {
  readonly into: CollectionDefinition<{ _id: string }>
  /** Thrown, instead of the effect, when the database finds it otherwise. */
  readonly otherwise: () => Error
}

/**
 * A write that must commit together with an effect decided elsewhere, carried as data: an inbox row, an idempotency
 * answer, the state of a hold. An insertion misses when the document is there, an update when nothing matches.
 */
export type CompanionWrite = Target &
  (
    | { readonly kind: 'insert'; readonly document: { _id: string } }
    | { readonly kind: 'update'; readonly filter: { _id: string } & mongo.Document; readonly update: mongo.Document }
  )

/** The companion that inserts a document and misses when one with its id exists. */
export const insertion = <Doc extends { _id: string }>(
  into: CollectionDefinition<Doc>,
  document: Doc,
  otherwise: () => Error,
): CompanionWrite => ({ kind: 'insert', into, document, otherwise })

/** Which document a companion writes; two of one target cannot share a commit. */
export const targetOf = (write: CompanionWrite): string => `${write.into.name}:${idOf(write)}`

const idOf = (write: CompanionWrite): string => (write.kind === 'insert' ? write.document._id : write.filter._id)

/** What a companion expects of its document: two with the same condition miss together. */
export const conditionOf = (write: CompanionWrite): string =>
  targetOf(write) + (write.kind === 'update' ? canonicalJson(write.filter) : '')

/** Those companions that would miss, as the transaction sees the database. */
export const findMisses = async (tx: Tx, writes: readonly CompanionWrite[]): Promise<CompanionWrite[]> => {
  const misses: CompanionWrite[] = []
  for (const [into, group] of byCollection(writes)) {
    const filter = { $or: group.map((write) => (write.kind === 'insert' ? { _id: idOf(write) } : write.filter)) }
    const found = await tx.find(into, filter)
    const ids = new Set(found.map(({ _id }) => _id))
    misses.push(...group.filter((write) => ids.has(idOf(write)) === (write.kind === 'insert')))
  }
  return misses
}

/** Does the writes in this transaction; throws when one misses, which `findMisses` rules out. */
export const applyCompanions = async (tx: Tx, writes: readonly CompanionWrite[]): Promise<void> => {
  for (const [into, group] of byCollection(writes)) {
    const operations = group.map((write) =>
      write.kind === 'insert'
        ? { insertOne: { document: write.document } }
        : { updateOne: { filter: write.filter, update: write.update } },
    )
    const result = await native(tx.db, into).bulkWrite(operations, { session: tx.session })
    if (result.insertedCount + result.matchedCount !== group.length) throw new CompanionMissed()
  }
}

/** Commits companions that have no effect to go with; throws what the first that misses says. */
export const commitCompanions = async (db: Connection, writes: readonly CompanionWrite[]): Promise<void> => {
  if (writes.length === 0) return
  await inTransaction(db, (tx) => writeCompanions(tx, writes))
}

/** Writes companions in the transaction of an effect that is decided there; throws what the first that misses says. */
export const writeCompanions = async (tx: Tx, writes: readonly CompanionWrite[]): Promise<void> => {
  if (writes.length === 0) return
  const [miss] = await findMisses(tx, writes)
  if (miss) throw miss.otherwise()
  await applyCompanions(tx, writes)
}

/** A companion found the database otherwise than its request was decided for. */
export class CompanionMissed extends Error {}

const byCollection = (
  writes: readonly CompanionWrite[],
): [CollectionDefinition<{ _id: string }>, CompanionWrite[]][] => {
  const groups = new Map<string, [CollectionDefinition<{ _id: string }>, CompanionWrite[]]>()
  for (const write of writes) {
    const group = groups.get(write.into.name)
    if (group) group[1].push(write)
    else groups.set(write.into.name, [write.into, [write]])
  }
  return [...groups.values()]
}
