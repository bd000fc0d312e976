import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../kit/command.js'
import { cacheDir, findProgram, readJson, writeJson } from '../kit/files.js'
import { stopLeftovers } from '../kit/identity.js'
import { rememberedPorts } from '../kit/ports.js'
import { startServerProcess } from './process.js'
import { probeMongodb } from './probes.js'
import { ensureReplicaSet } from './replicaSet.js'
import type { Provided, ProvisionOptions } from './types.js'

/** Where a mongod that we provisioned is kept for every checkout of this user. */
export const cachedMongod = join(cacheDir, 'mongod')

export type Mongod = { path: string; version: string }

const majorMin = 6

/** The version of a mongod, or undefined when it does not run here or is too old. */
export const usableMongod = async (path: string): Promise<Mongod | undefined> => {
  const { ok, output } = await runCommand(path, ['--version'], { timeoutMs: 10_000 })
  const version = /db version v(\d+\.\d+\.\d+)/.exec(output)?.[1]
  return ok && version && Number.parseInt(version, 10) >= majorMin ? { path, version } : undefined
}

const folderOf = (dataDir: string) => join(dataDir, 'mongodb')
const memoryOf = (dataDir: string) => join(folderOf(dataDir), 'binary.json')

/** A usable mongod: the one that made this data (another version may not open it), one on the PATH, or our own. */
export const findMongod = async (dataDir: string): Promise<Mongod | undefined> => {
  const candidates = [readJson<Mongod>(memoryOf(dataDir))?.path, findProgram('mongod'), cachedMongod]
  for (const path of candidates) {
    const found = path && existsSync(path) ? await usableMongod(path) : undefined
    if (found) return found
  }
  return undefined
}

const parametersFor = (dataPath: string, port: number) => [
  ...['--dbpath', dataPath, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'],
  ...['--replSet', 'rs0', '--wiredTigerCacheSizeGB', '0.5', '--oplogSize', '1024'],
  ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  // As `limitTransactions` asks of any MongoDB, but over its restarts too.
  ...['--setParameter', 'transactionLifetimeLimitSeconds=10'],
  // A lone primary has nobody to hand over to, so a stop need not wait for it.
  ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
]

/** Runs a mongod as a replica set of one, with its data kept in the folder. */
export const startMongod = async (mongod: Mongod, options: ProvisionOptions): Promise<Provided> => {
  const directory = folderOf(options.dataDir)
  const dataPath = join(directory, 'data')
  mkdirSync(dataPath, { recursive: true })
  await stopLeftovers(directory)
  const [port = 0] = await rememberedPorts(join(directory, 'ports.json'), 1)
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true&replicaSet=rs0`
  const child = await startServerProcess({
    ...{ name: 'mongod', directory, command: mongod.path, parameters: parametersFor(dataPath, port) },
    ...{ marker: dataPath, timeoutMs: 60_000, signal: options.signal },
    ready: async () => {
      await ensureReplicaSet(port)
      await probeMongodb(url)
    },
  })
  writeJson(memoryOf(options.dataDir), mongod)
  const origin = `${mongod.path} ${mongod.version} on port ${port}`
  return { url, origin, stop: () => (options.purpose === 'test' ? child.kill() : child.stop(6_000)) }
}
