import { mongo, type Connection } from 'mongoose'
import { askTogether } from '../cache.js'
import type { CollectionDefinition } from './collection.js'
import { readsOn, type ReadOptions, type Reads } from './transaction.js'

type Row = { _id: string }
type AskOne = (id: string) => Promise<Row | undefined>

const opened = new WeakMap<Connection, Reads>()

/**
 * Reads outside a transaction in which all that ask for documents by their ids, while the question before is under way,
 * share the next one, and likewise all that ask for the same count: many requests at once cost a few questions, and each
 * still sees what was committed before it asked.
 */
export const readsTogether = (db: Connection): Reads => {
  const reads = opened.get(db) ?? open(db)
  opened.set(db, reads)
  return reads
}

const open = (db: Connection): Reads => {
  const reads = readsOn(db)
  const askers = new Map<string, AskOne>()
  const askerOf = (from: CollectionDefinition<Row>): AskOne => {
    const known = askers.get(from.name)
    if (known) return known
    const made = askTogether(async (ids: string[]) => {
      const found = await reads.find(from, { _id: { $in: ids } })
      return new Map(found.map((document) => [document._id, document]))
    })
    askers.set(from.name, made)
    return made
  }
  return {
    ...reads,
    count: countTogether(reads),
    findOne: async <Doc extends Row>(from: CollectionDefinition<Doc>, filter: mongo.Filter<Doc>) => {
      const [id, ...others] = idsIn(filter) ?? []
      if (id === undefined || others.length > 0) return reads.findOne(from, filter)
      return (await askerOf(from)(id)) as Doc | undefined
    },
    find: async <Doc extends Row>(
      from: CollectionDefinition<Doc>,
      filter: mongo.Filter<Doc>,
      options?: ReadOptions,
    ) => {
      const ids = options ? undefined : idsIn(filter)
      if (!ids) return reads.find(from, filter, options)
      const found = await Promise.all([...new Set(ids)].map(askerOf(from)))
      return found.filter((document) => document !== undefined) as Doc[]
    },
  }
}

type Asker = { ask: (key: string) => Promise<number | undefined>; asking: number }

const countTogether = (reads: Reads): Reads['count'] => {
  const askers = new Map<string, Asker>()
  return async (from, filter) => {
    const name = `${from.name} ${mongo.BSON.EJSON.stringify(filter, { relaxed: false })}`
    const asker = askers.get(name) ?? {
      ask: askTogether(async ([key = '']) => new Map([[key, await reads.count(from, filter)]])),
      asking: 0,
    }
    askers.set(name, asker)
    asker.asking += 1
    try {
      return (await asker.ask(name)) ?? 0
    } finally {
      asker.asking -= 1
      if (asker.asking === 0) askers.delete(name)
    }
  }
}

/** The ids that a filter asks for, when it asks for nothing else. */
const idsIn = (filter: mongo.Document): string[] | undefined => {
  const { _id: id, ...rest } = filter as { _id?: unknown }
  if (Object.keys(rest).length > 0) return undefined
  if (typeof id === 'string') return [id]
  const { $in: ids, ...others } = (id ?? {}) as { $in?: unknown }
  return Array.isArray(ids) && Object.keys(others).length === 0 ? (ids as string[]) : undefined
}
