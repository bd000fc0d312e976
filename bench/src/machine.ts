import { once } from 'node:events'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Servers } from '@countinghouse/scripts/servers'
import { createLog } from '@countinghouse/shared/log'
import { connectRedis } from '@countinghouse/shared/redis'
import mongoose from 'mongoose'

/** What a bench ran on, in a line. */
export const describeMachine = async (servers: Servers): Promise<string> => {
  const [mongodb, rabbitmq, redis] = await Promise.all([mongodbOf(servers), rabbitmqOf(servers), redisOf(servers)])
  const size = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${size}, Node ${process.versions.node}, MongoDB ${mongodb}, RabbitMQ ${rabbitmq}, Redis ${redis}`
}

/** How much else the machine does. */
export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10

const mongodbOf = async ({ mongodbUri }: Servers): Promise<string> => {
  const db = await mongoose.createConnection(mongodbUri).asPromise()
  const info = await db.db?.admin().serverInfo()
  await db.close()
  return String(info?.['version'])
}

const rabbitmqOf = async ({ rabbitmqAdminUrl }: Servers): Promise<string> => {
  const { origin, username, password } = new URL(rabbitmqAdminUrl)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
  const overview = (await (await fetch(`${origin}/api/overview`, { headers })).json()) as { rabbitmq_version: string }
  return overview.rabbitmq_version
}

const redisOf = async ({ redisUrl }: Servers): Promise<string> => {
  const redis = connectRedis(redisUrl, createLog('bench', 'silent'))
  await once(redis, 'ready')
  const info = await redis.info('server')
  redis.disconnect()
  return /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown'
}
