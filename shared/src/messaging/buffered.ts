import type { mongo } from 'mongoose'
import type { CollectionDefinition } from '../mongo/collection.js'
import { native, type Tx } from '../mongo/transaction.js'

type Row = { _id: string }
type Definition = CollectionDefinition<Row>
type Pending = {
  readonly into: Definition
  readonly known: Map<string, Row | undefined>
  readonly added: Set<string>
  writes: mongo.AnyBulkWriteOperation<Row>[]
}

/**
 * A transaction whose writes wait and go out together, a collection at a time: what one event writes, the next one of the
 * batch reads from memory. Whatever needs the database itself waits for the writes before it.
 */
export const buffered = (tx: Tx, nameOf: NameOf): { readonly tx: Tx; flush(): Promise<void> } => {
  const { read, replace, add, after, flush } = openBuffer(tx, nameOf)
  const fast: Tx = {
    ...{ db: tx.db, session: tx.session },
    findOne: async <Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>) => {
      const _id = idIn(filter)
      if (_id !== undefined) return (await read(from, _id)) as Doc | undefined
      return after(from, () => tx.findOne(from, filter))
    },
    find: (from, filter, options) => after(from, () => tx.find(from, filter, options)),
    async *stream(from, filter, options) {
      await after(from, () => Promise.resolve())
      yield* tx.stream(from, filter, options)
    },
    count: (from, filter) => after(from, () => tx.count(from, filter)),
    aggregate: (from, pipeline) => after(from, () => tx.aggregate(from, pipeline)),
    insert: (into, ...documents) => after(into, () => tx.insert(into, ...documents)),
    update: (into, filter, update) => after(into, () => tx.update(into, filter, update)),
    remove: (from, filter) => after(from, () => tx.remove(from, filter)),
    insertIfAbsent: async (into, document) => {
      if (await read(into, document._id)) return false
      replace(into, document)
      return true
    },
    replace: (into, document) => Promise.resolve(replace(into, document)),
    add: (into, additions) => Promise.resolve(add(into, additions)),
  }
  return { tx: fast, flush }
}

type NameOf = (into: Definition) => Definition

const openBuffer = (tx: Tx, nameOf: NameOf) => {
  const pending = new Map<string, Pending>()
  const of = (into: Definition): Pending => {
    const found = pending.get(into.name) ?? { into, known: new Map(), added: new Set<string>(), writes: [] }
    pending.set(into.name, found)
    return found
  }
  const write = async (into: Definition): Promise<void> => {
    const { writes } = of(into)
    of(into).writes = []
    if (writes.length > 0) await native(tx.db, nameOf(into)).bulkWrite(writes, { session: tx.session })
  }
  // What is read or changed in any other way than by its id is the database's alone to know.
  const settle = async (into: Definition): Promise<void> => {
    await write(into)
    of(into).known.clear()
    of(into).added.clear()
  }
  return {
    read: async (from: Definition, _id: string): Promise<Row | undefined> => {
      const { known, added } = of(from)
      if (added.has(_id)) await settle(from)
      if (!known.has(_id)) known.set(_id, await tx.findOne(from, { _id }))
      return known.get(_id)
    },
    replace: (into: Definition, document: Row): void => {
      const { known, added, writes } = of(into)
      const { _id, ...replacement } = document
      known.set(_id, document)
      added.delete(_id)
      writes.push({ replaceOne: { filter: { _id }, replacement, upsert: true } })
    },
    add: (into: Definition, additions: readonly { _id: string; by: object; fixed: object }[]): void => {
      const { known, added, writes } = of(into)
      for (const { _id, by, fixed } of additions) {
        known.delete(_id)
        added.add(_id)
        writes.push({
          updateOne: { filter: { _id }, update: { $inc: by, $setOnInsert: fixed } as never, upsert: true },
        })
      }
    },
    after: async <Result>(into: Definition, work: () => Promise<Result>): Promise<Result> => {
      await settle(into)
      return work()
    },
    flush: async (): Promise<void> => {
      for (const { into } of pending.values()) await write(into)
    },
  }
}

const idIn = (filter: object): string | undefined => {
  const { _id, ...rest } = filter as { _id?: unknown }
  return typeof _id === 'string' && Object.keys(rest).length === 0 ? _id : undefined
}
