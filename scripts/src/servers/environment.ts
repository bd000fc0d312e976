import { Failure } from '../kit/failure.js'
import { waitFor } from '../kit/wait.js'
import { probeMongodb, probeRabbitmq, probeRedis } from './probes.js'
import { startTogether, type Starts } from './ladder.js'
import type { Provided, ProvisionOptions, Rung, ServerName } from './types.js'

type Address = { setting: string; url: string | undefined; adminUrl?: string | undefined; probe: () => Promise<void> }

const provideAddress = ({ setting, url, adminUrl, probe }: Address) => {
  if (!url) return undefined
  return async ({ signal }: ProvisionOptions): Promise<Provided> => {
    await waitFor(`${setting}: the server did not get ready`, probe, { timeoutMs: 15_000, intervalMs: 500, signal })
    return { url, ...(adminUrl && { adminUrl }), origin: `the address in ${setting}`, stop: async () => undefined }
  }
}

const addresses = (env: NodeJS.ProcessEnv): Record<ServerName, Address> => {
  const { MONGODB_URI = '', RABBITMQ_URL = '', RABBITMQ_ADMIN_URL = '', REDIS_URL = '' } = env
  if (!RABBITMQ_URL !== !RABBITMQ_ADMIN_URL) {
    throw new Failure('RABBITMQ_URL and RABBITMQ_ADMIN_URL go together: set both or neither')
  }
  return {
    mongodb: { setting: 'MONGODB_URI', url: MONGODB_URI, probe: () => probeMongodb(MONGODB_URI) },
    rabbitmq: {
      ...{ setting: 'RABBITMQ_URL', url: RABBITMQ_URL, adminUrl: RABBITMQ_ADMIN_URL },
      probe: () => probeRabbitmq(RABBITMQ_URL, RABBITMQ_ADMIN_URL),
    },
    redis: { setting: 'REDIS_URL', url: REDIS_URL, probe: () => probeRedis(REDIS_URL) },
  }
}

/** Rung 1: servers that somebody else runs, named in the environment. */
export const environment: Rung = {
  name: 'environment',
  provide: async (wanted, options) => {
    const given = addresses(process.env)
    const starts: Starts = {}
    for (const name of wanted) {
      const start = provideAddress(given[name])
      if (start) starts[name] = start
    }
    return startTogether(starts, options)
  },
}
