import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type Answer, type Call, type Client } from '@countinghouse/client'
import { createLog } from '@countinghouse/shared/log'
import { connectMongo } from '@countinghouse/shared/mongo/connect'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { testServers, uniqueName } from '@countinghouse/shared/testing/servers'
import { expectAnswer } from '@countinghouse/scripts/demo/expect'
import { prepareBroker } from '@countinghouse/scripts/system/broker'
import { launchSystem, type ServiceName, type System } from '@countinghouse/scripts/system'
import type { ServicePorts } from '@countinghouse/scripts/system/names'
import { freeServicePorts } from '@countinghouse/scripts/system/ports'
import type { Connection } from 'mongoose'

/** The API by any path, written out: for what the typed client would not send. */
export type Api = Record<'get' | 'post' | 'patch' | 'delete', (path: string, call?: Call) => Promise<Answer>>

export type TestSystem = {
  api: Api
  /** The typed client of the API. */
  client: Client
  gatewayUrl: string
  rabbitmqUrl: string
  ports: ServicePorts
  processes: System
  /** A connection of the test's own to the database of a service. */
  database(name: Exclude<ServiceName, 'gateway'>): Promise<Connection>
  login(email: string, password: string): Promise<string>
  adminToken(): Promise<string>
  close(): Promise<void>
}

export type TestSystemOptions = {
  /** A broker of the test's own; without one, a virtual host on the shared broker. */
  broker?: { url: string; adminUrl: string }
  environment?: Record<string, string>
  serviceEnvironment?: Partial<Record<ServiceName, Record<string, string>>>
}

const READY_WITHIN_MS = 60_000

/** All six services as real processes, on the real servers, with databases and a virtual host of their own. */
export const startTestSystem = async ({
  broker,
  environment = {},
  serviceEnvironment = {},
}: TestSystemOptions = {}): Promise<TestSystem> => {
  const servers = testServers()
  const vhost = uniqueName('test')
  const adminUrl = broker?.adminUrl ?? servers.rabbitmqAdminUrl
  const rabbitmqUrl = withPath(broker?.url ?? servers.rabbitmqUrl, vhost)
  const brokerUrls = await prepareBroker({
    rabbitmqUrl,
    rabbitmqAdminUrl: adminUrl,
    vhost,
    masterSecret: uniqueName('secret'),
  })
  const ports = await freeServicePorts()
  const databasePrefix = uniqueName('test')
  const lines: string[] = []
  const processes = launchSystem({
    servers: { ...servers, rabbitmqUrl },
    brokerUrls,
    ports,
    databasePrefix,
    environment: {
      FILES_FOLDER: join(tmpdir(), databasePrefix),
      SAMPLE_DATA: 'on',
      RATE_LIMIT_ENABLED: 'off',
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'warn',
      ...environment,
    },
    serviceEnvironment,
    onLine: (_service, line) => {
      lines.push(line)
      if (process.env['TEST_LOG_LEVEL']) process.stderr.write(`${line}\n`)
    },
  })
  await processes.waitUntilReady(READY_WITHIN_MS)
  const gatewayUrl = `http://127.0.0.1:${ports.gateway.port}`
  const client = createClient({ baseUrl: gatewayUrl })
  const api = apiOf(client)
  const login = async (email: string, password: string) =>
    expectAnswer(await client.post('/auth/login', { body: { email, password } }), 200).access_token
  const connections: Connection[] = []
  return {
    ...{ api, client, gatewayUrl, rabbitmqUrl, ports, processes, login },
    adminToken: () => login('admin@loanapp.com', 'admin123'),
    database: async (name) => {
      const database = `${databasePrefix}_${name.replace('-service', '')}`
      const connection = await connectMongo({
        uri: servers.mongodbUri,
        database,
        service: 'test',
        log: createLog('test', 'silent'),
      })
      connections.push(connection)
      return connection
    },
    close: async () => {
      await processes.stopAll()
      for (const connection of connections) await connection.close()
      await rm(join(tmpdir(), databasePrefix), { recursive: true, force: true })
    },
  }
}

const apiOf = ({ send }: Client): Api => ({
  get: (path, call) => send('GET', path, call),
  post: (path, call) => send('POST', path, call),
  patch: (path, call) => send('PATCH', path, call),
  delete: (path, call) => send('DELETE', path, call),
})

const withPath = (url: string, path: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${path}`
  return changed.href
}

/** Waits until a process of the system has ended. */
export const ended = ({ processes }: TestSystem, name: ServiceName): Promise<void> =>
  new Promise((resolve) => {
    processes.onExit(({ service }) => {
      if (service === name) resolve()
    })
  })

/** Reads a route until its answer has these fields. */
export const becomes = (ask: () => ReturnType<Api['get']>, fields: Record<string, unknown>, withinMs = 30_000) =>
  eventually(async () => expectAnswer(await ask(), 200, fields), withinMs)
