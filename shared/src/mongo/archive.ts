import type { Connection, mongo } from 'mongoose'
import { defineCollection, type CollectionDefinition } from './collection.js'
import { inTransaction, native, readsOn, type Reads, type Tx } from './transaction.js'

type Dated = { _id: string; at: Date }
type Mark = { _id: string; before: Date }

/** A collection of what happened, and beside it the one that keeps what is old. Before the mark only the old one counts. */
export type Archive<Doc extends Dated = Dated> = {
  readonly live: CollectionDefinition<Doc>
  readonly old: CollectionDefinition<Doc>
  readonly marks: CollectionDefinition<Mark>
}

export const archiveOf = <Doc extends Dated>(live: CollectionDefinition<Doc>): Archive<Doc> => ({
  live,
  old: { ...live, name: `${live.name}_archive` },
  marks: defineCollection<Mark>(`${live.name}_archived`, { before: { type: Date, required: true } }),
})

export const collectionsOf = ({ live, old, marks }: Archive): CollectionDefinition<{ _id: string }>[] => [
  live,
  old,
  marks,
]

const MARK = 'mark'

const markOf = async <Doc extends Dated>(reads: Reads, { marks }: Archive<Doc>): Promise<Date | undefined> =>
  (await reads.findOne(marks, { _id: MARK }))?.before

/** The collections that hold it all, each with what of it counts. */
export const sidesOf = async <Doc extends Dated>(reads: Reads, archive: Archive<Doc>) => {
  const before = await markOf(reads, archive)
  if (!before) return [{ from: archive.live, counted: {} }]
  return [
    { from: archive.live, counted: { at: { $gte: before } } },
    { from: archive.old, counted: { at: { $lt: before } } },
  ]
}

type Order = { readonly sort: Record<string, 1 | -1>; readonly limit: number }

/** What fits of both, in order. */
export const findInBoth = async <Doc extends Dated>(
  reads: Reads,
  archive: Archive<Doc>,
  filter: mongo.Document,
  { sort, limit }: Order,
): Promise<Doc[]> => {
  const found: Doc[] = []
  for (const { from, counted } of await sidesOf(reads, archive))
    found.push(...(await reads.find(from, { $and: [counted, filter] }, { sort, limit })))
  return found.sort(by(sort)).slice(0, limit)
}

const by =
  (sort: Record<string, 1 | -1>) =>
  (one: object, other: object): number => {
    for (const [name, direction] of Object.entries(sort)) {
      const [left, right] = [one, other].map((row) => Number((row as Record<string, unknown>)[name])) as [
        number,
        number,
      ]
      if (left !== right) return left < right ? -direction : direction
    }
    return 0
  }

/** Adds a document where it belongs; answers true when it was in neither. */
export const insertOnce = async <Doc extends Dated>(tx: Tx, archive: Archive<Doc>, document: Doc): Promise<boolean> => {
  const before = await markOf(tx, archive)
  return tx.insertIfAbsent(before && document.at < before ? archive.old : archive.live, document)
}

const BATCH = 500

export type Archiving = {
  readonly before: Date
  readonly signal: AbortSignal
  /** Makes whoever is about to add a document, and has read the mark, begin again. */
  readonly interrupt: (tx: Tx) => Promise<unknown>
}

/**
 * Archives what is older than this: copies it, sets the mark, and leaves it to the next time to remove what was copied, so
 * that nobody who reads notices. Each step may be repeated, and ended by the signal or a death, at any point.
 */
export const archiveBefore = async <Doc extends Dated>(
  db: Connection,
  archive: Archive<Doc>,
  { before, signal, interrupt }: Archiving,
): Promise<void> => {
  const mark = await markOf(readsOn(db), archive)
  if (mark) await copy(db, archive, { range: { $lt: mark }, signal, remove: true })
  if (mark && mark >= before) return
  await copy(db, archive, { range: { $lt: before }, signal, remove: false })
  if (signal.aborted) return
  await inTransaction(db, async (tx) => {
    await interrupt(tx)
    await tx.replace(archive.marks, { _id: MARK, before })
  })
  // What was added since it was copied, by those who could not know of the mark.
  await copy(db, archive, { range: { $lt: before }, signal, remove: false })
}

type Copying = { readonly range: { readonly $lt: Date }; readonly signal: AbortSignal; readonly remove: boolean }

const copy = async <Doc extends Dated>(
  db: Connection,
  { live, old }: Archive<Doc>,
  { range, signal, remove }: Copying,
): Promise<void> => {
  const cursor = native(db, live as CollectionDefinition<Dated>).find({ at: range }, { batchSize: BATCH })
  try {
    for (let batch = await take(cursor); batch.length > 0 && !signal.aborted; batch = await take(cursor)) {
      // What is archived stays as it is.
      const operations = batch.map(({ _id, ...rest }) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: rest }, upsert: true },
      }))
      await native(db, old as CollectionDefinition<Dated>).bulkWrite(operations, { ordered: false })
      const ids = batch.map(({ _id }) => _id)
      if (remove) await native(db, live as CollectionDefinition<Dated>).deleteMany({ _id: { $in: ids } })
    }
  } finally {
    await cursor.close()
  }
}

const take = async (cursor: mongo.FindCursor<Dated>): Promise<Dated[]> => {
  const batch: Dated[] = []
  while (batch.length < BATCH) {
    const next = await cursor.next()
    if (!next) break
    batch.push(next)
  }
  return batch
}
