import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top folder of the checkout; this module sits equally deep in `src` and in `dist`. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

/** What is worth keeping for every checkout of this user. */
export const cacheDir = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'countinghouse')

/** Where `npm start` keeps everything that is to survive it. */
export const startDataDir = resolve(root, process.env['DATA_DIR'] || '.data')

/** The JSON kept in a file, or undefined when there is none that can be read. */
export const readJson = <T>(path: string): T | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** Replaces a JSON file as a whole, readable by its owner alone. */
export const writeJson = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(draft, path)
}

const logSizeMax = 10 * 1024 * 1024

/** Opens a log to add to; one that has grown large is put aside first. */
export const openLog = (path: string): number => {
  mkdirSync(dirname(path), { recursive: true })
  if (existsSync(path) && statSync(path).size > logSizeMax) renameSync(path, `${path}.1`)
  return openSync(path, 'a')
}

/** The last lines of a log, indented, for the error that names it. */
export const lastLines = (path: string, count = 15): string => {
  if (!existsSync(path)) return ''
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count)
  return lines.map((line) => `    ${line.slice(0, 300)}`).join('\n')
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Finds a program as a shell would, and in the system folders that a user's PATH may lack. */
export const findProgram = (name: string): string | undefined => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin']
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}
