import { mongo } from 'mongoose'
import { piecesFor, readCatalogue } from './catalogue.js'
import { readPiece, type Piece, type PieceRecord, type Shelf } from './piece.js'

export type Target = {
  client: mongo.MongoClient
  /** Where a database goes; nowhere when it is not to be restored. */
  databaseFor: (name: string) => string | undefined
}
export type Restored = { documents: number; changes: number; reached: Date }

const AT_ONCE = 500

/** Brings everything back as it was at a moment, into databases that must not be there yet. */
export const restore = async (shelf: Shelf, target: Target, moment: Date): Promise<Restored> => {
  const [snapshot, ...logs] = piecesFor(await readCatalogue(shelf), moment)
  const documents = await restoreSnapshot(shelf, target, snapshot)
  return { documents, ...(await replay(shelf, target, { snapshot, logs, moment })) }
}

const restoreSnapshot = async (shelf: Shelf, target: Target, snapshot: Piece): Promise<number> => {
  let [batch, count]: [mongo.Document[], number] = [[], 0]
  let current: mongo.Collection | undefined
  const flush = async () => {
    if (batch.length > 0) await current?.insertMany(batch, { bypassDocumentValidation: true })
    count += batch.length
    batch = []
  }
  for await (const record of readPiece(shelf, snapshot)) {
    if (record.kind === 'collection') {
      await flush()
      current = await createCollection(target, record)
    } else if (record.kind === 'document') batch.push(record.document)
    if (batch.length >= AT_ONCE) await flush()
  }
  await flush()
  return count
}

const createCollection = async (
  { client, databaseFor }: Target,
  { database, name, options, indexes }: PieceRecord & { kind: 'collection' },
): Promise<mongo.Collection> => {
  const db = client.db(databaseFor(database) ?? database)
  await db.command({ create: name, ...options })
  const more = indexes.filter(({ name: index }) => String(index) !== '_id_')
  if (more.length > 0) await db.command({ createIndexes: name, indexes: more })
  return db.collection(name)
}

type Log = { snapshot: Piece; logs: readonly Piece[]; moment: Date }
type Operation = { op: string; ns: string; o: mongo.Document; o2?: mongo.Document }

const replay = async (shelf: Shelf, target: Target, { snapshot, logs, moment }: Log) => {
  const after = BigInt(snapshot.to)
  const transactions = new Map<string, Operation[]>()
  let [batch, changes, reached]: [Operation[], number, Date] = [[], 0, new Date(snapshot.at)]
  const flush = async () => {
    if (batch.length > 0) await target.client.db('admin').command({ applyOps: batch })
    changes += batch.length
    batch = []
  }
  for (const piece of logs)
    for await (const record of readPiece(shelf, piece)) {
      if (record.kind !== 'change') continue
      const { entry } = record
      if ((entry['ts'] as mongo.Timestamp).toBigInt() <= after) continue
      if ((entry['wall'] as Date) > moment) return flush().then(() => ({ changes, reached }))
      reached = entry['wall'] as Date
      for (const operation of operationsOf(entry, transactions)) {
        const database = target.databaseFor(databaseIn(operation.ns))
        if (database === undefined) continue
        if (operation.op === 'c') await flush().then(() => applyCommand(target.client.db(database), operation.o))
        else batch.push(moved(operation, database))
        if (batch.length >= AT_ONCE) await flush()
      }
    }
  await flush()
  return { changes, reached }
}

/** The operations of an entry; those of a transaction come together, with its last entry. */
const operationsOf = (entry: mongo.Document, transactions: Map<string, Operation[]>): Operation[] => {
  const { op, ns, o, o2, lsid, txnNumber } = entry as Operation & { lsid?: unknown; txnNumber?: unknown }
  const inner = o['applyOps'] as Operation[] | undefined
  if (!inner) return [{ op, ns, o, ...(o2 && { o2 }) }]
  const id = mongo.BSON.EJSON.stringify([lsid, txnNumber])
  const all = [...(transactions.get(id) ?? []), ...inner]
  transactions.delete(id)
  if (o['partialTxn'] !== true && o['prepare'] !== true) return all
  transactions.set(id, all)
  return []
}

const databaseIn = (ns: string): string => ns.slice(0, ns.indexOf('.'))

const moved = ({ op, ns, o, o2 }: Operation, database: string): Operation => ({
  ...{ op, ns: database + ns.slice(ns.indexOf('.')), o },
  ...(o2 && { o2 }),
})

// Collections and indexes that came during the log; anything else of the kind has no place in a running platform.
const applyCommand = async (db: mongo.Db, o: mongo.Document): Promise<void> => {
  const { commitIndexBuild, createIndexes, create, collMod, startIndexBuild, ...rest } = o
  if (create !== undefined) {
    const { idIndex: _idIndex, ...options } = rest
    await db.command({ create: String(create), ...options })
  } else if (collMod !== undefined) await db.command({ collMod: String(collMod), ...rest })
  else if (commitIndexBuild !== undefined)
    await db.command({ createIndexes: String(commitIndexBuild), indexes: rest['indexes'] as mongo.Document[] })
  else if (createIndexes !== undefined) await db.command({ createIndexes: String(createIndexes), indexes: [rest] })
  else if (startIndexBuild === undefined)
    throw new Error(`The log has a command that is not known: ${Object.keys(o).join(', ')}`)
}
