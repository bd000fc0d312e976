import { randomBytes, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { link, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { assertKey, type FileFacts, type Files } from './port.js'

/** A body that is shorter or longer than it was said to be. */
export class WrongLength extends Error {}

export type FileStore = Pick<Files, 'head' | 'put' | 'get' | 'remove'> & {
  /** The secret that goes with the folder: whoever shares the folder shares it. */
  secret(): Promise<Buffer>
}

const DRAFTS_KEPT_FOR_MS = 24 * 3600 * 1000

/** Files in a folder: a file appears as a whole or not at all. */
export const createFileStore = (folder: string): FileStore => {
  const objectAt = (key: string) => join(folder, 'objects', assertKey(key))
  const typeAt = (key: string) => join(folder, 'types', assertKey(key))
  const drafts = join(folder, 'drafts')
  let secret: Promise<Buffer> | undefined
  return {
    head: async (key) => {
      const [object, type] = [objectAt(key), typeAt(key)]
      return unlessMissing(async () => ({
        length: (await stat(object)).size,
        contentType: await readFile(type, 'utf8'),
      }))
    },
    get: (key) => {
      const object = objectAt(key)
      return unlessMissing(async () => (await open(object)).createReadStream())
    },
    put: async ({ key, body, ...facts }) => {
      const [object, type] = [objectAt(key), typeAt(key)]
      await removeOldDrafts(drafts)
      const written = await draftOf(drafts, Buffer.isBuffer(body) ? Readable.from([body]) : body, facts)
      const typed = await draftOf(drafts, Readable.from([Buffer.from(facts.contentType)]))
      await appear(typed, type)
      await appear(written, object)
    },
    remove: async (key) => {
      await rm(objectAt(key), { force: true })
      await rm(typeAt(key), { force: true })
    },
    secret: () => (secret ??= secretIn(folder)),
  }
}

/** Writes a stream beside the files; answers where. */
const draftOf = async (drafts: string, body: Readable, facts?: FileFacts): Promise<string> => {
  await mkdir(drafts, { recursive: true, mode: 0o700 })
  const draft = join(drafts, randomUUID())
  try {
    const target = createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true })
    await pipeline(body, target)
    if (facts && target.bytesWritten !== facts.length) throw new WrongLength()
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  return draft
}

const appear = async (draft: string, target: string): Promise<void> => {
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  await rename(draft, target)
}

// What a killed process was writing.
const removeOldDrafts = async (drafts: string): Promise<void> => {
  for (const name of (await unlessMissing(() => readdir(drafts))) ?? []) {
    const found = await unlessMissing(() => stat(join(drafts, name)))
    if (found && Date.now() - found.mtimeMs > DRAFTS_KEPT_FOR_MS) await rm(join(drafts, name), { force: true })
  }
}

// Linked into place, so that of several replicas one wins and nobody reads half of it.
const secretIn = async (folder: string): Promise<Buffer> => {
  const file = join(folder, 'secret')
  const earlier = await unlessMissing(() => readFile(file))
  if (earlier) return earlier
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = join(folder, randomUUID())
  await writeFile(draft, randomBytes(32), { mode: 0o600, flush: true })
  await link(draft, file).catch(unlessCode('EEXIST'))
  await rm(draft)
  return readFile(file)
}

const unlessMissing = <Found>(read: () => Promise<Found>): Promise<Found | undefined> =>
  read().catch(unlessCode('ENOENT'))

const unlessCode = (code: string) => (error: unknown) => {
  if ((error as { code?: unknown }).code !== code) throw error
  return undefined
}
