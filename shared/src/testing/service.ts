import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from 'mongoose'
import type { ServiceSettings } from '../config.js'
import { encryptionKeys } from '../crypto.js'
import { createHealth } from '../health.js'
import { createLog } from '../log.js'
import { connectMongo } from '../mongo/connect.js'
import { brokerPermissions } from '../messaging/users.js'
import { startService, type ServiceDefinition } from '../service.js'
import { eventually } from './eventually.js'
import { freshVirtualHost, testServers, uniqueName } from './servers.js'
import { openTokenOffice, type TokenOffice } from './tokens.js'

export type TestService = {
  /** Where the service answers. */
  readonly url: string
  readonly rabbitmqUrl: string
  /** A connection of the test's own to the service's database. */
  readonly db: Connection
  readonly tokens: TokenOffice
  close(): Promise<void>
}

/** Runs a service in this process, on the real servers, with a database and a virtual host of its own. */
export const startTestService = async <Settings extends ServiceSettings>(
  definition: ServiceDefinition<Settings>,
  more: Partial<Settings> = {},
): Promise<TestService> => {
  const servers = testServers()
  const known = knownToBroker(definition.name)
  const host = freshVirtualHost(servers, known)
  const [tokens, virtualHost, PORT] = await Promise.all([openTokenOffice(), host, freePort()])
  const log = createLog(definition.name, process.env['TEST_LOG_LEVEL'] ?? 'silent')
  const settings = {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT,
    MONGODB_URI: servers.mongodbUri,
    MONGODB_DATABASE: uniqueName('test'),
    RABBITMQ_URL: known === undefined ? virtualHost.url : await virtualHost.urlOf(known),
    REDIS_URL: servers.redisUrl,
    AUTH_URL: tokens.authUrl,
    SERVICE_CLIENT_SECRET: 'a secret that the token office takes',
    ENCRYPTION_KEYS: encryptionKeys.parse(`k1:${Buffer.alloc(32, 1).toString('base64')}`),
    SAMPLE_DATA: 'off',
    REMITTANCE_DAILY_LIMIT: 10_000n,
    DEFAULT_CURRENCY: 'USD',
    BUSINESS_TIMEZONE: 'Asia/Kolkata',
    BUSINESS_HOLIDAYS: [],
    MAIL_FROM: 'test@countinghouse.test',
    FILES_FOLDER: join(tmpdir(), uniqueName('files')),
    FILES_PUBLIC_URL: '',
    ...more,
  } as unknown as Settings
  const steps: (() => Promise<void>)[] = []
  const health = createHealth()
  await startService(definition, { settings, log, health, onStop: (step) => steps.push(step) })
  await eventually(async () => {
    if ((await health.report()).status !== 'ready') throw new Error('The service is not ready')
  })
  const db = await connectMongo({
    uri: settings.MONGODB_URI,
    database: settings.MONGODB_DATABASE,
    service: 'test',
    log,
  })
  return {
    url: `http://127.0.0.1:${settings.PORT.toString()}`,
    rabbitmqUrl: virtualHost.url,
    db,
    tokens,
    close: async () => {
      for (const step of steps.reverse()) await step()
      await db.dropDatabase()
      await db.close()
      await rm(settings.FILES_FOLDER, { recursive: true, force: true })
      await virtualHost.remove()
      await tokens.close()
    },
  }
}

// What a test makes up has neither user nor queues of its own.
const knownToBroker = (name: string) => (name in brokerPermissions() ? name : undefined)

/** A loopback port that is free now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })
