import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../kit/failure.js'
import { readJson, writeJson } from '../kit/files.js'
import { commandLineOf, forgetIdentity, isRunning, readIdentity, recordIdentity } from '../kit/identity.js'

/** What `.data/running.json` tells other programs while the system runs. */
export type Running = {
  gatewayUrl: string
  rabbitmqUrl: string
  rabbitmqAdminUrl: string
  mongodbUri: string
  redisUrl: string
  pid: number
}

/** Makes this the only launcher of its data folder; returns how to publish where things are, and how to let go. */
export const claim = (dataDir: string) => {
  const lock = join(dataDir, 'launcher.json')
  const published = join(dataDir, 'running.json')
  const holder = readIdentity(lock)
  if (holder && holder.pid !== process.pid && isRunning(holder)) {
    const address = readJson<Running>(published)?.gatewayUrl
    const where = address ? `at ${address}` : 'and still coming up'
    throw new Failure(`It is already running ${where} (process ${holder.pid}, data in ${dataDir}).`)
  }
  recordIdentity(lock, { pid: process.pid, marker: commandLineOf(process.pid) })
  rmSync(published, { force: true })
  const release = () => {
    rmSync(published, { force: true })
    forgetIdentity(lock)
  }
  // A forced end comes without the steps that lead here otherwise.
  process.once('exit', release)
  return { publish: (running: Running) => writeJson(published, running), release }
}
