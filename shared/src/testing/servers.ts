import { randomBytes } from 'node:crypto'
import { applyTopology } from '../messaging/topology.js'

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

/** A virtual host of one's own, with the whole topology; answers its AMQP address. */
export const freshVirtualHost = async (servers: TestServers): Promise<{ url: string; remove(): Promise<void> }> => {
  const vhost = uniqueName('test')
  await applyTopology({ adminUrl: servers.rabbitmqAdminUrl, vhost })
  const url = new URL(servers.rabbitmqUrl)
  url.pathname = `/${vhost}`
  return { url: url.href, remove: () => removeVirtualHost(servers.rabbitmqAdminUrl, vhost) }
}

const removeVirtualHost = async (adminUrl: string, vhost: string): Promise<void> => {
  const { origin, username, password } = new URL(adminUrl)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  await fetch(`${origin}/api/vhosts/${vhost}`, { method: 'DELETE', headers: { authorization } })
}
