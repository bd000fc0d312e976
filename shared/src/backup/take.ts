import { mongo } from 'mongoose'
import { uuidv7 } from '../uuid.js'
import { outdated, readCatalogue, writeCatalogue } from './catalogue.js'
import { readPiece, removePiece, writePiece, type Piece, type PieceRecord, type Shelf } from './piece.js'

export type Source = {
  /** Made by `backupClient`. */
  client: mongo.MongoClient
  databases: readonly string[]
}
export type TakeOptions = { now: Date; snapshotEveryMs: number; keptForDays: number }

/** A client that gives values as they are stored, whatever JavaScript makes of their types. */
export const backupClient = (uri: string): mongo.MongoClient =>
  new mongo.MongoClient(uri, {
    promoteValues: false,
    promoteLongs: false,
    promoteBuffers: false,
    ignoreUndefined: false,
  })

/**
 * Takes a snapshot when the last one is old enough, then whatever changed since the last backup; reads all of it back,
 * and removes what nobody needs any more. Answers the new pieces.
 */
export const takeBackup = async (source: Source, shelf: Shelf, options: TakeOptions): Promise<Piece[]> => {
  const pieces = await readCatalogue(shelf)
  const last = pieces.findLast(({ kind }) => kind === 'snapshot')
  const isDue = !last || options.now.getTime() - Date.parse(last.at) >= options.snapshotEveryMs
  const taken: Piece[] = isDue ? [await takeSnapshot(source, shelf)] : []
  const chain = pieces.findLast(({ kind }) => kind === 'oplog')?.to ?? last?.to ?? taken[0]?.to ?? '0'
  // A log that has rolled on begins anew at a snapshot.
  const from = (await reachesBack(source.client, chain))
    ? chain
    : (taken[0] ?? (await renewed(source, shelf, taken))).to
  taken.push(await takeChanges(source, shelf, from))
  for (const piece of taken) await verifyPiece(shelf, piece)
  const all = [...pieces, ...taken]
  const old = outdated(all, options.now, options.keptForDays)
  await writeCatalogue(
    shelf,
    all.filter((piece) => !old.includes(piece)),
  )
  for (const piece of old) await removePiece(shelf, piece)
  return taken
}

const renewed = async (source: Source, shelf: Shelf, taken: Piece[]): Promise<Piece> => {
  const snapshot = await takeSnapshot(source, shelf)
  taken.push(snapshot)
  return snapshot
}

/** Reads a piece to its end; fails when anything of it is not as it was written. */
const verifyPiece = async (shelf: Shelf, piece: Piece): Promise<void> => {
  let records = 0
  for await (const _ of readPiece(shelf, piece)) records += 1
  if (records !== piece.records) throw new Error(`${piece.id} has ${records} of ${piece.records} records`)
}

const oplogOf = (client: mongo.MongoClient) => client.db('local').collection('oplog.rs')
const asTimestamp = (text: string) => new mongo.Timestamp(BigInt(text))
const momentOf = (time: mongo.Timestamp): string => new Date(time.getHighBitsUnsigned() * 1000).toISOString()

const reachesBack = async (client: mongo.MongoClient, time: string): Promise<boolean> =>
  (await oplogOf(client).findOne({ ts: { $lte: asTimestamp(time) } })) !== null

const takeSnapshot = async (source: Source, shelf: Shelf): Promise<Piece> => {
  const id = `snapshot-${uuidv7()}`
  const session = source.client.startSession({ snapshot: true })
  try {
    const time: SnapshotTime = { at: undefined }
    const written = await writePiece(shelf, id, everything(source, session, time))
    if (!time.at) throw new Error('There is nothing to take a snapshot of')
    const to = time.at.toBigInt().toString()
    return { id, kind: 'snapshot', from: to, to, at: momentOf(time.at), ...written }
  } finally {
    await session.endSession()
  }
}

type SnapshotTime = { at: mongo.Timestamp | undefined }

// The driver keeps to itself which moment the server chose.
const timeOf = (session: mongo.ClientSession): mongo.Timestamp | undefined =>
  (session as mongo.ClientSession & { snapshotTime?: mongo.Timestamp }).snapshotTime

async function* everything(
  { client, databases }: Source,
  session: mongo.ClientSession,
  time: SnapshotTime,
): AsyncGenerator<PieceRecord> {
  for (const database of databases) {
    const db = client.db(database)
    const collections = await db.listCollections({ type: 'collection' }, { nameOnly: false }).toArray()
    for (const { name, options = {} } of collections) {
      if (name.startsWith('system.')) continue
      const collection = db.collection(name)
      const indexes: mongo.Document[] = (await collection.listIndexes().toArray()) as mongo.Document[]
      yield { kind: 'collection', database, name, options, indexes }
      for await (const document of collection.find({}, { session })) {
        time.at ??= timeOf(session)
        yield { kind: 'document', database, name, document }
      }
      time.at ??= timeOf(session)
    }
  }
}

const takeChanges = async ({ client, databases }: Source, shelf: Shelf, from: string): Promise<Piece> => {
  const id = `oplog-${uuidv7()}`
  const newest = { sort: { $natural: -1 }, readConcern: { level: 'majority' } } as const
  const to = (await oplogOf(client).findOne({}, newest))?.['ts'] as mongo.Timestamp
  const ours = new RegExp(`^(${databases.join('|')})[.]`)
  const query = { ts: { $gt: asTimestamp(from), $lte: to }, op: { $ne: 'n' }, ns: { $in: [ours, 'admin.$cmd'] } }
  const written = await writePiece(shelf, id, changes(oplogOf(client).find(query, { sort: { $natural: 1 } })))
  return { id, kind: 'oplog', from, to: to.toBigInt().toString(), at: momentOf(to), ...written }
}

async function* changes(entries: AsyncIterable<mongo.Document>): AsyncGenerator<PieceRecord> {
  for await (const entry of entries) yield { kind: 'change', entry }
}
