import { promisify } from 'node:util'
import { buffer } from 'node:stream/consumers'
import { gunzip, gzip } from 'node:zlib'
import { mongo } from 'mongoose'
import type { Vault } from '../crypto.js'
import type { Files } from '../files/port.js'

/** A part of a backup: everything at one moment, or what changed between two. */
export type Piece = {
  id: string
  kind: 'snapshot' | 'oplog'
  /** MongoDB's own time as a number of 64 bits in text; of a snapshot both are the same. */
  from: string
  to: string
  /** The same for people: until when it reaches. */
  at: string
  segments: number
  records: number
}

/** One document of a piece, with what it is. */
export type PieceRecord =
  | { kind: 'collection'; database: string; name: string; options: mongo.Document; indexes: mongo.Document[] }
  | { kind: 'document'; database: string; name: string; document: mongo.Document }
  | { kind: 'change'; entry: mongo.Document }

export type Shelf = { files: Pick<Files, 'put' | 'get' | 'remove'>; vault: Pick<Vault, 'sealBytes' | 'openBytes'> }

const SEGMENT_BYTES = 8 * 1024 * 1024
const [compress, decompress] = [promisify(gzip), promisify(gunzip)]
const exactly = { promoteValues: false, promoteLongs: false, promoteBuffers: false } as const

/** Writes records as sealed segments of some megabytes each; answers how many of both. */
export const writePiece = async (
  shelf: Shelf,
  id: string,
  records: AsyncIterable<PieceRecord>,
): Promise<{ segments: number; records: number }> => {
  const written = { segments: 0, records: 0 }
  let [waiting, bytes]: [Uint8Array[], number] = [[], 0]
  const flush = async () => {
    if (waiting.length === 0) return
    await putSealed(shelf, segmentOf(id, written.segments), await compress(Buffer.concat(waiting)))
    written.segments += 1
    ;[waiting, bytes] = [[], 0]
  }
  for await (const record of records) {
    const encoded = mongo.BSON.serialize(record)
    waiting.push(encoded)
    bytes += encoded.length
    written.records += 1
    if (bytes >= SEGMENT_BYTES) await flush()
  }
  await flush()
  return written
}

/** Reads the records of a piece in their order; fails when a segment is missing, foreign or changed. */
export async function* readPiece(shelf: Shelf, { id, segments }: Piece): AsyncGenerator<PieceRecord> {
  for (let index = 0; index < segments; index += 1) {
    const bytes = await decompress(await getSealed(shelf, segmentOf(id, index)))
    for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
      yield mongo.BSON.deserialize(bytes.subarray(at, at + bytes.readInt32LE(at)), exactly) as PieceRecord
    }
  }
}

// Its name and place are part of the seal: no segment passes for another.
const segmentOf = (id: string, index: number): string => `${id}/${index.toString().padStart(6, '0')}`

export const putSealed = async ({ files, vault }: Shelf, key: string, bytes: Buffer): Promise<void> => {
  const body = vault.sealBytes(bytes, key)
  await files.put({ key, contentType: 'application/octet-stream', length: body.length, body })
}

export const getSealed = async ({ files, vault }: Shelf, key: string): Promise<Buffer> => {
  const body = await files.get(key)
  if (!body) throw new Error(`The backup has no ${key}`)
  return vault.openBytes(await buffer(body), key)
}

export const removePiece = async ({ files }: Shelf, { id, segments }: Piece): Promise<void> => {
  for (let index = 0; index < segments; index += 1) await files.remove(segmentOf(id, index))
}
