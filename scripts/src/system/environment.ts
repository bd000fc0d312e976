import { randomBytes } from 'node:crypto'
import type { Servers } from '../servers/types.js'
import type { BrokerUrls } from './broker.js'
import { serviceOf, type ProcessName, type ServiceName, type ServicePorts } from './names.js'

export type Surroundings = {
  servers: Pick<Servers, 'mongodbUri' | 'rabbitmqUrl' | 'redisUrl'>
  /** Where a service finds the broker under its own user; without one it goes there as everybody does. */
  brokerUrls?: BrokerUrls
  ports: ServicePorts
  /** `countinghouse` gives the databases `countinghouse_wallet` and so on. */
  databasePrefix: string
  environment?: Record<string, string>
  serviceEnvironment?: Partial<Record<ProcessName, Record<string, string>>>
}

const urlSettings = {
  'auth-service': 'AUTH_URL',
  'wallet-service': 'WALLET_URL',
  'loan-service': 'LOAN_URL',
  'inventory-service': 'INVENTORY_URL',
  'reporting-service': 'REPORTING_URL',
} as const

// Addresses and secrets in the launcher's own environment are its business; a service gets what it is given here.
const notInherited = [
  ...['MONGODB_URI', 'MONGODB_DATABASE', 'RABBITMQ_URL', 'RABBITMQ_ADMIN_URL', 'REDIS_URL'],
  ...['SERVICE_MASTER_SECRET', 'SERVICE_CLIENT_SECRET'],
]

/** The whole environment of one service process. */
export const environmentOf = (name: ProcessName, around: Surroundings): NodeJS.ProcessEnv => {
  const { port, metricsPort } = around.ports[name]
  const inherited = Object.entries(process.env).filter(([key]) => !notInherited.includes(key))
  return {
    ...Object.fromEntries(inherited),
    ...{ NODE_ENV: process.env['NODE_ENV'] || 'development', SAMPLE_DATA: 'off', HOST: '127.0.0.1' },
    ...around.environment,
    ...{ PORT: String(port), METRICS_PORT: String(metricsPort), REDIS_URL: around.servers.redisUrl },
    ...(name === 'gateway' ? upstreams(around.ports) : ownData(name, around)),
    ...around.serviceEnvironment?.[name],
  }
}

const addressOf = (ports: ServicePorts, name: ProcessName) => `http://127.0.0.1:${ports[name].port}`

const upstreams = (ports: ServicePorts) =>
  Object.fromEntries(Object.entries(urlSettings).map(([name, key]) => [key, addressOf(ports, name as ServiceName)]))

/** Whom a service calls besides auth-service. */
const calls: Partial<Record<ProcessName, (keyof typeof urlSettings)[]>> = {
  'wallet-service': ['loan-service'],
  'loan-service': ['wallet-service'],
  'inventory-service': ['wallet-service'],
}

/** With a key of one's own, payments go to the real provider; without one, to the sandbox. */
export const usesSandbox = (): boolean => !process.env['STRIPE_API_KEY']

const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`

const provider = (ports: ServicePorts) =>
  usesSandbox() && {
    ...{ STRIPE_API_KEY: 'sk_test_sandbox', STRIPE_API_URL: addressOf(ports, 'sandbox-provider') },
    ...{ STRIPE_WEBHOOK_SECRETS: webhookSecret, SANDBOX_WEBHOOK_SECRET: webhookSecret },
    SANDBOX_WEBHOOK_URL: `${addressOf(ports, 'wallet-service')}/webhooks/stripe`,
  }

const ownData = (
  name: Exclude<ProcessName, 'gateway'>,
  { servers, brokerUrls, ports, databasePrefix }: Surroundings,
) => ({
  AUTH_URL: addressOf(ports, 'auth-service'),
  ...Object.fromEntries((calls[name] ?? []).map((called) => [urlSettings[called], addressOf(ports, called)])),
  MONGODB_URI: servers.mongodbUri,
  ...(serviceOf(name) === 'wallet-service' && {
    INSTITUTION_URL: addressOf(ports, 'sandbox-institution'),
    WEBHOOKS_TO_LOOPBACK: 'on',
    ...provider(ports),
  }),
  MONGODB_DATABASE: `${databasePrefix}_${serviceOf(name).replace('-service', '')}`,
  RABBITMQ_URL: brokerUrls?.[serviceOf(name)] ?? servers.rabbitmqUrl,
  FILES_PUBLIC_URL: process.env['FILES_PUBLIC_URL'] || addressOf(ports, 'gateway'),
})
