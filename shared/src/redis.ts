import { Redis } from 'ioredis'
import { maskUrl, type Log } from './log.js'
import { LATENCY_BUCKETS, histogram } from './metrics.js'

/** Redis as an accelerator: commands fail fast while it is away, and it comes back by itself. */
export const connectRedis = (url: string, log: Log): Redis => {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    commandTimeout: 250,
    retryStrategy: (attempt) => Math.min(attempt * 200, 2000),
  })
  measure(redis)
  let said = false
  redis.on('error', (error: Error) => {
    if (!said) log.warn({ redis: maskUrl(url), reason: String(error) }, 'Redis is away; going on without it')
    said = true
  })
  redis.on('ready', () => (said = false))
  return redis
}

const duration = histogram('redis_command_duration_seconds', 'Commands to Redis', LATENCY_BUCKETS, ['outcome'])

const measure = (redis: Redis): void => {
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command, stream) => {
    const startedAt = performance.now()
    const end = (outcome: string) => () => duration.observe({ outcome }, (performance.now() - startedAt) / 1000)
    command.promise.then(end('ok'), end('failed'))
    return send(command, stream)
  }
}
