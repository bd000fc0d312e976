import { join } from 'node:path'
import { findProgram } from '../kit/files.js'
import { startTogether, type Starts } from './ladder.js'
import { findMongod, startMongod } from './mongod.js'
import { brokerIn } from './rabbitmq/broker.js'
import { findRabbitmq } from './rabbitmq/find.js'
import { startRedis } from './redis.js'
import type { Provided, ProvisionOptions, Rung, ServerName } from './types.js'

type Start = (options: ProvisionOptions) => Promise<Provided>

const find: Record<ServerName, (dataDir: string) => Promise<Start | undefined>> = {
  mongodb: async (dataDir) => {
    const mongod = await findMongod(dataDir)
    return mongod && ((options) => startMongod(mongod, options))
  },
  rabbitmq: async () => {
    const sbin = findRabbitmq()
    return sbin ? (options) => startRabbitmq(sbin, options) : undefined
  },
  redis: async () => {
    const program = findProgram('redis-server')
    return program ? (options) => startRedis(program, options) : undefined
  },
}

const startRabbitmq = async (sbin: string, { dataDir, purpose, signal }: ProvisionOptions): Promise<Provided> => {
  const { url, adminUrl, start, stop, close } = await brokerIn({ sbin, directory: join(dataDir, 'rabbitmq'), signal })
  try {
    await start()
  } catch (error) {
    await close()
    throw error
  }
  const end = async () => {
    if (purpose === 'start') await stop()
    await close()
  }
  return { url, adminUrl, origin: `${sbin} on port ${new URL(url).port}`, stop: end }
}

/** Rung 3: programs on this machine, run in a folder of ours on free loopback ports. */
export const binaries: Rung = {
  name: 'binary',
  provide: async (wanted, options) => {
    const starts: Starts = {}
    for (const name of wanted) {
      const start = await find[name](options.dataDir)
      if (start) starts[name] = start
    }
    return startTogether(starts, options)
  },
}
