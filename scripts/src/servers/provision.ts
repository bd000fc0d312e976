import { resolve } from 'node:path'
import { binaries } from './binaries.js'
import { docker } from './docker.js'
import { environment } from './environment.js'
import { install } from './install/install.js'
import { climb, stopAll } from './ladder.js'
import { limitTransactions } from './transactions.js'
import { serverNames, titles, type ProvisionOptions, type Rung, type Servers } from './types.js'

const rungs: Rung[] = [environment, docker, binaries, install]

/** MongoDB, RabbitMQ and Redis, real and ready, from the first place that has them; or one clear failure. */
export const provisionServers = async (options: ProvisionOptions): Promise<Servers> => {
  const skipped = (process.env['SERVERS_SKIP'] ?? '').split(',')
  const found = await climb(
    rungs.filter((rung) => !skipped.includes(rung.name)),
    { ...options, dataDir: resolve(options.dataDir) },
  )
  const { mongodb, rabbitmq, redis } = found
  await limitTransactions(mongodb.url, options.say)
  serverNames.forEach((name) => options.say(`${titles[name]}: ${found[name].origin}`))
  return {
    mongodbUri: mongodb.url,
    rabbitmqUrl: rabbitmq.url,
    rabbitmqAdminUrl: rabbitmq.adminUrl ?? '',
    redisUrl: redis.url,
    origins: { mongodb: mongodb.origin, rabbitmq: rabbitmq.origin, redis: redis.origin },
    stop: () => stopAll(found),
  }
}
