import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineOf, isRunning, readIdentity, recordIdentity, stopLeftovers } from '../kit/identity.js'

const prefix = 'countinghouse-test-'
const ownerOf = (folder: string) => join(folder, 'owner.json')

/** A folder for this run alone; those that killed runs left are cleared away, servers and all. */
export const temporaryFolder = async (): Promise<string> => {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))
  await Promise.all(names.map((name) => clearAbandoned(join(tmpdir(), name))))
  const folder = mkdtempSync(join(tmpdir(), prefix))
  recordIdentity(ownerOf(folder), { pid: process.pid, marker: commandLineOf(process.pid) })
  return folder
}

const clearAbandoned = async (folder: string): Promise<void> => {
  const owner = readIdentity(ownerOf(folder))
  if (!owner || isRunning(owner)) return
  const places = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  await Promise.all(places.map(({ name }) => stopLeftovers(join(folder, name))))
  removeFolder(folder)
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
