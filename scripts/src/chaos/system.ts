import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { openPassage, type Passage } from '@countinghouse/shared/testing/forward'
import type { Connection } from 'mongoose'
import { startOwnServers, type OwnServers } from '../servers/ownServers.js'
import { prepareBroker } from '../system/broker.js'
import { serviceNames } from '../system/names.js'
import { logsIn } from '../start/logs.js'
import { freeServicePorts } from '../system/ports.js'
import { launchSystem, newMasterSecret, type ServiceExit, type System, type SystemOptions } from '../system.js'
import type { Databases, Owner } from './players/player.js'

export type Network = { mongodb: Passage; rabbitmq: Passage; redis: Passage }

/** A whole system of one's own: servers that may be killed, and a network between them and the services that may be bad. */
export type PrivateSystem = {
  gatewayUrl: string
  servers: OwnServers
  network: Network
  processes: System
  /** Processes that ended though nobody killed them. */
  deaths: readonly ServiceExit[]
  /** The broker as its administrator sees it, past the bad network. */
  brokerUrl: string
  databases(): Promise<Databases>
  readyWithin(ms: number): Promise<void>
  close(): Promise<void>
}

const READY_WITHIN_MS = 60_000
const VHOST = 'chaos'

type Options = {
  /** Everything is in it while the system runs, and nothing afterwards. */
  folder: string
  /** Where what the services say is kept; not at all, unless it is named. */
  logs?: string | undefined
  say: (line: string) => void
}

export const startPrivateSystem = async ({ folder, logs, say }: Options): Promise<PrivateSystem> => {
  const servers = await startOwnServers({ dataDir: join(folder, 'servers'), say })
  try {
    return await launchOn(servers, folder, logs ? logsIn(logs, () => undefined) : () => undefined)
  } catch (error) {
    await servers.close()
    throw error
  }
}

type OnLine = SystemOptions['onLine']

const launchOn = async (servers: OwnServers, folder: string, onLine: OnLine): Promise<PrivateSystem> => {
  const brokerUrl = changed(servers.rabbitmq.url, { pathname: `/${VHOST}` })
  const network = await networkTo(servers)
  const through = (url: string, { port }: Passage) => changed(url, { port: port.toString() })
  const addresses = {
    mongodbUri: through(servers.mongodb.url, network.mongodb),
    rabbitmqUrl: through(brokerUrl, network.rabbitmq),
    redisUrl: through(servers.redis.url, network.redis),
  }
  const rabbitmqAdminUrl = servers.rabbitmq.adminUrl
  const brokerUrls = await prepareBroker({ ...addresses, rabbitmqAdminUrl, vhost: VHOST, masterSecret: newMasterSecret() }) // prettier-ignore
  const ports = await freeServicePorts()
  const deaths: ServiceExit[] = []
  const processes = launchSystem({
    ...{ servers: addresses, brokerUrls, ports, databasePrefix: 'chaos', onLine },
    environment: {
      ...{ SAMPLE_DATA: 'off', RATE_LIMIT_ENABLED: 'off', LOG_LEVEL: 'warn', FILES_FOLDER: join(folder, 'files') },
    },
    serviceEnvironment: {
      'auth-service': { SAMPLE_DATA: 'on' },
      'loan-service': { LOAN_MAX_OPEN: '100000', LOAN_ANSWER_WITHIN_SECONDS: '3' },
      'inventory-service': { SHOP_ANSWER_WITHIN_SECONDS: '3' },
      'sandbox-provider': { SANDBOX_FILE: join(folder, 'sandbox.jsonl') },
    },
  })
  processes.onExit((exit) => {
    if (exit.expected) return
    deaths.push(exit)
    // As an orchestrator would.
    void processes.start(exit.service)
  })
  await processes.waitUntilReady(READY_WITHIN_MS)
  const connections: Connection[] = []
  return {
    ...{ gatewayUrl: `http://127.0.0.1:${ports.gateway.port}`, servers, network, processes, deaths, brokerUrl },
    databases: async () => databasesOf(await connectAll(servers.mongodb.url, connections)),
    readyWithin: (ms) => processes.waitUntilReady(ms),
    close: async () => {
      await processes.stopAll()
      for (const connection of connections) await connection.close()
      for (const passage of Object.values(network)) await passage.close()
      await servers.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

const networkTo = async ({ mongodb, rabbitmq, redis }: OwnServers): Promise<Network> => {
  const passage = (url: string) => openPassage(Number(new URL(url).port))
  return {
    mongodb: await passage(mongodb.url),
    rabbitmq: await passage(rabbitmq.url),
    redis: await passage(redis.url),
  }
}

const changed = (url: string, changes: Partial<Pick<URL, 'port' | 'pathname'>>): string =>
  Object.assign(new URL(url), changes).href

const owners = serviceNames.filter((name): name is Owner => name !== 'gateway')

const connectAll = async (uri: string, connections: Connection[]): Promise<Connection[]> => {
  const log = createLog('chaos', 'silent')
  for (const owner of owners.slice(connections.length)) {
    const database = `chaos_${owner.replace('-service', '')}`
    connections.push(await connectMongo({ uri, database, service: 'chaos', log }))
  }
  return connections
}

const databasesOf = (connections: readonly Connection[]): Databases =>
  Object.fromEntries(owners.map((owner, index) => [owner, connections[index]?.db])) as Databases
