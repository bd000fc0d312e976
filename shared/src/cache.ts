import type { Redis } from 'ioredis'
import { counter, fromZero } from './metrics.js'

/** Texts that are costly to make, kept in Redis for a while; without Redis each is made when it is asked for. */
export interface Cache {
  /** What is kept under the key, else what `load` makes. A key that names a version is never out of date. */
  through(key: string, load: () => Promise<string>): Promise<string>
  /** Makes it anew and keeps that. */
  renew(key: string, load: () => Promise<string>): Promise<string>
}

const requests = counter('cache_requests_total', 'Questions to a cache', ['cache', 'result'])

export type CacheOptions = {
  redis: Redis
  name: string
  /** Keeps services, and the systems of tests, apart. */
  database: string
  ttlSeconds: number
}

/** A cache in Redis; of those who ask a process for the same at once, one loads it. */
export const createCache = ({ redis, name, database, ttlSeconds }: CacheOptions): Cache => {
  const loading = new Map<string, Promise<string>>()
  fromZero(requests, { cache: [name], result: ['hit', 'miss'] })
  const ask = async (address: string, load: () => Promise<string>): Promise<string> => {
    const kept = await redis.get(address).catch(() => null)
    requests.inc({ cache: name, result: kept === null ? 'miss' : 'hit' })
    if (kept !== null) return kept
    return make(address, load)
  }
  const make = async (address: string, load: () => Promise<string>): Promise<string> => {
    const loaded = await load()
    redis.set(address, loaded, 'EX', ttlSeconds).catch(() => undefined)
    return loaded
  }
  return {
    renew: (key, load) => make(`${database}:${name}:${key}`, load),
    through: (key, load) => {
      const address = `${database}:${name}:${key}`
      const underWay = loading.get(address) ?? ask(address, load).finally(() => loading.delete(address))
      loading.set(address, underWay)
      return underWay
    },
  }
}

type Waiting<Answer> = { resolve: (answer: Answer | undefined) => void; reject: (error: unknown) => void }

/** Makes one question of all that are asked while the one before is under way. */
export const askTogether = <Answer>(
  ask: (keys: string[]) => Promise<ReadonlyMap<string, Answer>>,
): ((key: string) => Promise<Answer | undefined>) => {
  let waiting = new Map<string, Waiting<Answer>[]>()
  let asking = false
  const run = async (): Promise<void> => {
    asking = true
    while (waiting.size > 0) {
      const asked = waiting
      waiting = new Map()
      await ask([...asked.keys()]).then(
        (answers) => asked.forEach((those, key) => those.forEach(({ resolve }) => resolve(answers.get(key)))),
        (error: unknown) => asked.forEach((those) => those.forEach(({ reject }) => reject(error))),
      )
    }
    asking = false
  }
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.set(key, [...(waiting.get(key) ?? []), { resolve, reject }])
      if (!asking) void run()
    })
}
