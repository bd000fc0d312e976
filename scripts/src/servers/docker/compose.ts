import { createHash } from 'node:crypto'
import { runCommand } from '../../kit/command.js'
import { root } from '../../kit/files.js'
import { rememberedPorts } from '../../kit/ports.js'
import { waitFor } from '../../kit/wait.js'
import { probeMongodb, probeRabbitmq, probeRedis } from '../probes.js'
import { join } from 'node:path'
import type { Provided, ProvisionOptions, Provisions, ServerName } from '../types.js'
import { images, rabbitmqUrls } from './images.js'

type Ports = Record<ServerName | 'admin', number>

/** The servers of docker-compose.yml as a project of this checkout, with their data in its named volumes. */
export const compose = async (wanted: ServerName[], options: ProvisionOptions): Promise<Provisions> => {
  const run = await projectOf(options.dataDir)
  await run.down(wanted)
  const ports = await portsOf(options.dataDir)
  try {
    await run.up(wanted, ports, options)
    const found = addresses(ports)
    await Promise.all(wanted.map((name) => answers(name, found[name], options)))
    return Object.fromEntries(wanted.map((name) => [name, { ...found[name], stop: () => run.down([name]) }]))
  } catch (error) {
    await run.down(wanted)
    throw error
  }
}

const projectOf = async (dataDir: string) => {
  const name = `countinghouse-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`
  const base = ['compose', '-p', name, '-f', join(root, 'docker-compose.yml'), '--profile', 'servers']
  const run = async (parameters: string[], environment = {}, signal?: AbortSignal) => {
    const result = await runCommand('docker', [...base, ...parameters], {
      environment: { ...process.env, ...environment },
      signal,
    })
    if (!result.ok) throw new Error(result.output.split('\n').slice(-3).join(' '))
  }
  return {
    up: (wanted: ServerName[], ports: Ports, { say, signal }: ProvisionOptions) => {
      say(`starting ${wanted.join(', ')} with docker compose (the first time it pulls their images)`)
      return run(['up', '--detach', '--wait', ...wanted], settingsOf(ports), signal)
    },
    down: (wanted: ServerName[]) => run(['stop', '--timeout', '10', ...wanted]),
  }
}

const portsOf = async (dataDir: string): Promise<Ports> => {
  const [mongodb = 0, rabbitmq = 0, admin = 0, redis = 0] = await rememberedPorts(join(dataDir, 'compose.json'), 4)
  return { mongodb, rabbitmq, admin, redis }
}

const settingsOf = ({ mongodb, rabbitmq, admin, redis }: Ports) => ({
  MONGODB_PORT: String(mongodb),
  RABBITMQ_PORT: String(rabbitmq),
  RABBITMQ_ADMIN_PORT: String(admin),
  REDIS_PORT: String(redis),
})

type Address = Pick<Provided, 'url' | 'adminUrl' | 'origin'>

const addresses = ({ mongodb, rabbitmq, admin, redis }: Ports): Record<ServerName, Address> => ({
  mongodb: {
    url: `mongodb://127.0.0.1:${mongodb}/?directConnection=true&replicaSet=rs0`,
    origin: `container ${images.mongodb} on port ${mongodb}`,
  },
  rabbitmq: {
    ...rabbitmqUrls('127.0.0.1', rabbitmq, admin),
    origin: `container ${images.rabbitmq} on port ${rabbitmq}`,
  },
  redis: { url: `redis://127.0.0.1:${redis}`, origin: `container ${images.redis} on port ${redis}` },
})

const probes: Record<ServerName, (address: Address) => Promise<void>> = {
  mongodb: ({ url }) => probeMongodb(url),
  rabbitmq: ({ url, adminUrl = '' }) => probeRabbitmq(url, adminUrl),
  redis: ({ url }) => probeRedis(url),
}

const answers = (name: ServerName, address: Address, { signal }: ProvisionOptions) =>
  waitFor(`the container of ${name} did not get ready`, () => probes[name](address), { timeoutMs: 60_000, signal })
