import { join, resolve } from 'node:path'
import { findProgram } from '../kit/files.js'
import { freePorts } from '../kit/ports.js'
import { dockerAnswers } from './docker.js'
import { ownContainer } from './docker/container.js'
import { images } from './docker/images.js'
import { Failure } from '../kit/failure.js'
import { missingSentence } from './ladder.js'
import { findMongod, startMongod } from './mongod.js'
import { probeMongodb, probeRedis } from './probes.js'
import type { Broker } from './rabbitmq/broker.js'
import { startRedis } from './redis.js'
import { ensureReplicaSet } from './replicaSet.js'
import { startBroker } from './startBroker.js'
import type { OwnServer, Provided, ProvisionOptions, Say } from './types.js'

export type OwnServers = { mongodb: OwnServer; rabbitmq: Broker; redis: OwnServer; close(): Promise<void> }

/** Running servers of one's own, which a fault test may kill and start again on the same port with their data. */
export const startOwnServers = async ({ dataDir, say }: { dataDir: string; say: Say }): Promise<OwnServers> => {
  const options = { dataDir: resolve(dataDir), purpose: 'test', say } as const
  const started = await Promise.allSettled([
    startOwnServer('mongodb', options),
    startBroker({ dataDir: join(options.dataDir, 'rabbitmq'), say }),
    startOwnServer('redis', options),
  ])
  const close = async () => {
    await Promise.all(started.map(async (one) => one.status === 'fulfilled' && one.value.close()))
  }
  const [mongodb, rabbitmq, redis] = started
  if (mongodb.status === 'fulfilled' && rabbitmq.status === 'fulfilled' && redis.status === 'fulfilled')
    return { mongodb: mongodb.value, rabbitmq: rabbitmq.value, redis: redis.value, close }
  await close()
  throw started.find((one) => one.status === 'rejected')?.reason
}

type Name = 'mongodb' | 'redis'

/** Starts one of them alone. */
export const startOwnServer = async (name: Name, options: ProvisionOptions): Promise<OwnServer> => {
  if (!(await dockerAnswers())) return ownProcess(await processOf[name](options))
  const container = await containerOf[name]()
  await container.start()
  return container
}

const processOf: Record<Name, (options: ProvisionOptions) => Promise<() => Promise<Provided>>> = {
  mongodb: async (options) => {
    const mongod = await findMongod(options.dataDir)
    if (!mongod) throw new Failure(missingSentence(['mongodb']))
    return () => startMongod(mongod, options)
  },
  redis: async (options) => {
    const program = findProgram('redis-server')
    if (!program) throw new Failure(missingSentence(['redis']))
    return () => startRedis(program, options)
  },
}

// It remembers its port in its folder, and a server for a test is ended by SIGKILL in any case.
const ownProcess = async (begin: () => Promise<Provided>): Promise<OwnServer> => {
  let running = await begin()
  const { url } = running
  const end = () => running.stop()
  return {
    url,
    start: async () => {
      running = await begin()
      if (running.url !== url) throw new Error(`The server came back as ${running.url} and not as ${url}`)
    },
    stop: end,
    kill: end,
    close: end,
  }
}

const containerOf: Record<Name, () => Promise<OwnServer>> = {
  mongodb: async () => {
    const [port = 0] = await freePorts(1)
    const url = `mongodb://127.0.0.1:${port}/?directConnection=true&replicaSet=rs0`
    const limits = ['--wiredTigerCacheSizeGB', '0.5', '--setParameter', 'transactionLifetimeLimitSeconds=10']
    return ownContainer({
      ...{ url, image: images.mongodb, published: [`127.0.0.1:${port}:${port}`] },
      // The member has the same address inside and outside.
      command: ['--replSet', 'rs0', '--bind_ip_all', '--port', String(port), ...limits],
      probe: async () => {
        await ensureReplicaSet(port)
        await probeMongodb(url)
      },
    })
  },
  redis: async () => {
    const [port = 0] = await freePorts(1)
    const url = `redis://127.0.0.1:${port}`
    const command = ['redis-server', '--appendonly', 'yes', '--save', '']
    const published = [`127.0.0.1:${port}:6379`]
    return ownContainer({ url, image: images.redis, published, command, probe: () => probeRedis(url) })
  },
}
