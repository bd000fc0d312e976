import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { provisionServers, type Servers } from '@countinghouse/scripts/servers'
import { serviceOf, type ProcessName } from '@countinghouse/scripts/system/names'
import { startService } from '@countinghouse/scripts/system/service'
import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freshVirtualHost } from '@countinghouse/shared/testing/servers'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import type { Connection } from 'mongoose'

export type Service = {
  url: string
  memoryMb(): Promise<number>
  stop(): Promise<void>
}

/** What a bench stands on: servers, a virtual host of its own, tokens, and services as real processes. */
export type Ground = {
  servers: Servers
  tokens: TokenOffice
  folder: string
  rabbitmqUrl: string
  /** The empty database of a service; it is gone when the bench ends. */
  databaseOf(name: ProcessName): Promise<Connection>
  /** One more process of a service, on its database. */
  start(name: ProcessName, more?: Record<string, string>): Promise<Service>
}

/** Runs a bench and takes away whatever it leaves, however it ends. */
export const onGround = async <Result>(bench: (ground: Ground) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'countinghouse-bench-'))
  const servers = await provisionServers({ dataDir: folder, purpose: 'test', say: (line) => console.log(line) })
  const [tokens, virtualHost] = [await openTokenOffice(), await freshVirtualHost(servers)]
  const opened = { connections: new Map<string, Connection>(), services: new Set<Service>() }
  const log = createLog('bench', 'silent')
  try {
    return await bench({
      ...{ servers, tokens, folder, rabbitmqUrl: virtualHost.url },
      databaseOf: async (name) => {
        const database = databaseNameOf(name)
        const db = await connectMongo({ uri: servers.mongodbUri, database, service: 'bench', log })
        opened.connections.set(name, db)
        await db.dropDatabase()
        return db
      },
      start: async (name, more = {}) => {
        const around = { servers, folder, rabbitmqUrl: virtualHost.url, authUrl: tokens.authUrl }
        const service = await startProcess(name, { ...environmentOf(name, around), ...more })
        opened.services.add(service)
        return { ...service, stop: () => (opened.services.delete(service), service.stop()) }
      },
    })
  } finally {
    await Promise.all([...opened.services].map((service) => service.stop()))
    for (const db of opened.connections.values()) await db.dropDatabase().then(() => db.close())
    await virtualHost.remove()
    await tokens.close()
    await servers.stop()
    await rm(folder, { recursive: true })
  }
}

const databaseNameOf = (name: ProcessName): string => `bench_${serviceOf(name).replace('-', '_')}`

type Around = { servers: Servers; folder: string; rabbitmqUrl: string; authUrl: string }

const environmentOf = (name: ProcessName, { servers, folder, rabbitmqUrl, authUrl }: Around) => ({
  ...{ NODE_ENV: 'test', LOG_LEVEL: 'error', SAMPLE_DATA: 'off', FILES_FOLDER: join(folder, 'files') },
  ...{ MONGODB_URI: servers.mongodbUri, MONGODB_DATABASE: databaseNameOf(name) },
  ...{ RABBITMQ_URL: rabbitmqUrl, REDIS_URL: servers.redisUrl, AUTH_URL: authUrl },
  SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
})

const startProcess = async (service: ProcessName, settings: Record<string, string>): Promise<Service> => {
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const child = await startService({
    service,
    environment: { ...process.env, ...settings, PORT: String(port), METRICS_PORT: String(metricsPort) },
    onLine: (_service, line) => console.error(line),
    onExit: () => undefined,
  })
  const internal = (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`)
  await eventually(async () => {
    if ((await internal('/readyz')).status !== 200) throw new Error(`${service} is not ready`)
  }, 30_000)
  return {
    url: `http://127.0.0.1:${port}`,
    memoryMb: async () => {
      const text = await (await internal('/metrics')).text()
      return Math.round(Number(/^process_resident_memory_bytes\S* (\S+)/m.exec(text)?.[1]) / 2 ** 20)
    },
    stop: () => child.stop(),
  }
}
