import { Readable, pipeline } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'

/** One file of an archive, made while it is packed. */
export type ZipEntry = { readonly name: string; readonly content: Iterable<string> | AsyncIterable<string> }

type Packed = { name: Buffer; crc: number; size: number; packedSize: number; offset: number }

/** Packs files one after another, without holding any of them; up to 4 GB in all. */
export async function* toZip(entries: readonly ZipEntry[]): AsyncGenerator<Buffer> {
  const packed: Packed[] = []
  let offset = 0
  for (const { name, content } of entries) {
    const entry: Packed = { name: Buffer.from(name), crc: 0, size: 0, packedSize: 0, offset }
    packed.push(entry)
    for await (const chunk of pack(entry, content)) {
      offset += chunk.length
      yield chunk
    }
  }
  const directory = Buffer.concat(packed.map(directoryEntry))
  yield Buffer.concat([directory, endOf(packed.length, directory.length, offset)])
}

async function* pack(entry: Packed, content: ZipEntry['content']): AsyncGenerator<Buffer> {
  yield header(LOCAL, [VERSION, FLAGS, DEFLATED, 0, DAY_ONE], [0, 0, 0], [entry.name.length, 0], entry.name)
  const deflate = createDeflateRaw({ level: 6 })
  pipeline(Readable.from(counted(entry, content)), deflate, () => undefined)
  for await (const chunk of deflate as AsyncIterable<Buffer>) {
    entry.packedSize += chunk.length
    yield chunk
  }
  yield header(DESCRIPTOR, [], [entry.crc, entry.packedSize, entry.size], [])
}

async function* counted(entry: Packed, content: ZipEntry['content']): AsyncGenerator<Buffer> {
  for await (const text of content) {
    const bytes = Buffer.from(text)
    entry.crc = crc32(bytes, entry.crc)
    entry.size += bytes.length
    yield bytes
  }
}

const [LOCAL, DESCRIPTOR, CENTRAL, END] = [0x04034b50, 0x08074b50, 0x02014b50, 0x06054b50]
const VERSION = 20
// Sizes follow the data (bit 3), names are UTF-8 (bit 11).
const FLAGS = 0x0808
const DEFLATED = 8
// The first of January 1980, the beginning of time for archives: the same content makes the same file.
const DAY_ONE = 0x21

const directoryEntry = ({ name, crc, size, packedSize, offset }: Packed): Buffer =>
  Buffer.concat([
    header(
      CENTRAL,
      [VERSION, VERSION, FLAGS, DEFLATED, 0, DAY_ONE],
      [crc, packedSize, size],
      [name.length, 0, 0, 0, 0],
    ),
    header(undefined, [], [0, offset], []),
    name,
  ])

const endOf = (count: number, length: number, offset: number): Buffer =>
  header(END, [0, 0, count, count], [length, offset], [0])

const header = (
  signature: number | undefined,
  shorts: readonly number[],
  longs: readonly number[],
  moreShorts: readonly number[],
  rest: Buffer = Buffer.alloc(0),
): Buffer => {
  const begin = signature === undefined ? [] : [long(signature)]
  return Buffer.concat([...begin, ...shorts.map(short), ...longs.map(long), ...moreShorts.map(short), rest])
}

const short = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
