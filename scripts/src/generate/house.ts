import { authService } from '@countinghouse/auth-service/app'
import { authSettings } from '@countinghouse/auth-service/config'
import { gatewaySettings } from '@countinghouse/gateway/config'
import { inventoryService } from '@countinghouse/inventory-service/app'
import { inventorySettings } from '@countinghouse/inventory-service/config'
import { loanService } from '@countinghouse/loan-service/app'
import { loanSettings } from '@countinghouse/loan-service/config'
import { reportingService } from '@countinghouse/reporting-service/app'
import { reportingSettings } from '@countinghouse/reporting-service/config'
import { parseSettings } from '@countinghouse/shared/config'
import type { Endpoint } from '@countinghouse/shared/http/endpoint'
import { createLog } from '@countinghouse/shared/log'
import type { Migration } from '@countinghouse/shared/mongo/migrations'
import type { RefusalTable } from '@countinghouse/shared/refusal'
import { endpointsOf, type ServiceKit, type ServiceParts } from '@countinghouse/shared/service'
import { walletService } from '@countinghouse/wallet-service/app'
import { walletSettings } from '@countinghouse/wallet-service/config'
import { Redis } from 'ioredis'
import { createConnection } from 'mongoose'
import type { z } from 'zod'
import type { ServiceName } from '../system/names.js'

/** What the documents need to know of a service. */
export type DescribedService = {
  name: Exclude<ServiceName, 'gateway'>
  endpoints: readonly Endpoint[]
  refusals: RefusalTable
  migrations: readonly Migration[]
}

/** The settings of every process. */
export const settingsOf: Record<ServiceName, z.ZodRawShape> = {
  gateway: gatewaySettings,
  'auth-service': authSettings,
  'wallet-service': walletSettings,
  'loan-service': loanSettings,
  'inventory-service': inventorySettings,
  'reporting-service': reportingSettings,
}

// Settings without a default, so that a service can be built without being started: nothing listens at these addresses.
const placeholders: Record<string, string> = {
  MONGODB_URI: 'mongodb://localhost',
  MONGODB_DATABASE: 'none',
  RABBITMQ_URL: 'amqp://localhost',
  REDIS_URL: 'redis://localhost',
  PORT: '1',
  METRICS_PORT: '1',
  AUTH_URL: 'http://localhost',
  WALLET_URL: 'http://localhost',
  LOAN_URL: 'http://localhost',
  INVENTORY_URL: 'http://localhost',
  REPORTING_URL: 'http://localhost',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
  SERVICE_CLIENT_SECRET: 'x'.repeat(64),
  SERVICE_MASTER_SECRET: 'x'.repeat(64),
}

type Buildable = {
  name: string
  refusals: RefusalTable
  migrations: readonly Migration[]
  build(kit: ServiceKit<never>): ServiceParts
}

/** Every service as its own code defines it, built on connections that are never opened. */
export const describeServices = (): DescribedService[] =>
  [authService, walletService, loanService, inventoryService, reportingService].map((definition) => {
    const { name, refusals, migrations, build } = definition as Buildable
    const service = name as DescribedService['name']
    const parts = build(kitWith(parseSettings(settingsOf[service], placeholders)))
    const desk = { ...nothingConnected, name, clerk: { redrive: () => Promise.resolve() }, sagas: [], shown: {} }
    const endpoints = endpointsOf(parts, desk)
    return { name: service, endpoints, refusals, migrations }
  })

// Whatever else the kit offers is there, takes everything and does nothing.
const inert: object = new Proxy(() => undefined, {
  get: (_target, name) => (typeof name === 'symbol' || name === 'then' ? undefined : inert),
  apply: () => inert,
})

const nothingConnected = {
  db: createConnection(),
  redis: new Redis({ lazyConnect: true }),
  log: createLog('generate', 'silent'),
  now: () => new Date(0),
  serviceToken: { authorization: () => Promise.resolve(''), forget: () => undefined },
}

const kitWith = (settings: unknown) =>
  new Proxy({ settings, ...nothingConnected } as unknown as ServiceKit<never>, {
    get: (kit, name) => (name in kit ? kit[name as keyof typeof kit] : inert),
  })
