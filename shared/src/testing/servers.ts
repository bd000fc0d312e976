import { randomBytes } from 'node:crypto'
import { managementOf } from '../messaging/management.js'
import { applyTopology } from '../messaging/topology.js'
import { applyBrokerUsers, brokerUrlOf } from '../messaging/users.js'

/** The real servers that `npm test` has provisioned for this run. */
export type TestServers = { mongodbUri: string; rabbitmqUrl: string; rabbitmqAdminUrl: string; redisUrl: string }

export const testServers = (): TestServers => ({
  mongodbUri: given('MONGODB_URI'),
  rabbitmqUrl: given('RABBITMQ_URL'),
  rabbitmqAdminUrl: given('RABBITMQ_ADMIN_URL'),
  redisUrl: given('REDIS_URL'),
})

const given = (name: string): string => {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the tests by "npm test", which provides the servers`)
  return value
}

/** A name that no other test uses. */
export const uniqueName = (prefix: string): string => `${prefix}_${randomBytes(5).toString('hex')}`

export type TestVirtualHost = {
  /** For the tests' own user, who may do everything. */
  readonly url: string
  /** For a service, under its own user. */
  urlOf(service: string): Promise<string>
  remove(): Promise<void>
}

/** A virtual host of one's own, with the queues of one service, or with all; answers its AMQP address. */
export const freshVirtualHost = async (servers: TestServers, service?: string): Promise<TestVirtualHost> => {
  const vhost = uniqueName('test')
  await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost, service })
  const url = new URL(servers.rabbitmqUrl)
  url.pathname = `/${vhost}`
  const { call } = managementOf(servers.rabbitmqAdminUrl)
  const password = randomBytes(12).toString('hex')
  const removals: (() => Promise<void>)[] = []
  return {
    url: url.href,
    urlOf: async (service) => {
      const options = { adminUrl: servers.rabbitmqAdminUrl, vhost, passwordOf: () => password, services: [service] }
      removals.push(await applyBrokerUsers(options))
      return brokerUrlOf(url.href, { vhost, service, password })
    },
    remove: async () => {
      for (const removeUser of removals) await removeUser()
      await call('DELETE', `vhosts/${vhost}`)
    },
  }
}
