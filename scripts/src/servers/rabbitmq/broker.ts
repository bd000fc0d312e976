import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from '../../kit/child.js'
import { Failure } from '../../kit/failure.js'
import { stopLeftovers } from '../../kit/identity.js'
import { rememberedPorts } from '../../kit/ports.js'
import { probeRabbitmq } from '../probes.js'
import { startServerProcess } from '../process.js'
import type { OwnServer } from '../types.js'
import { findEpmd } from './find.js'
import { environmentOf, passwordOf, user, vhost, writeSettings, type Ports } from './settings.js'

/** A broker of one's own. */
export type Broker = OwnServer & { adminUrl: string }

type Place = { sbin: string; directory: string; signal?: AbortSignal | undefined }
type Node = Place & { ports: Ports; url: string; adminUrl: string; marker: string }

/** A broker run from its binaries inside a folder; `start` starts it. */
export const brokerIn = async (place: Place): Promise<Broker> => {
  const node = await nodeIn(place)
  const mapper = once(() => startMapper(node))
  let broker: Child | undefined
  return {
    url: node.url,
    adminUrl: node.adminUrl,
    start: async () => {
      await mapper.start()
      broker = await startNode(node)
    },
    stop: async () => broker?.stop(stopMs),
    kill: async () => broker?.kill(),
    close: async () => {
      await broker?.kill()
      await mapper.end()
    },
  }
}

// The management plugin alone takes five seconds to say good-bye to its connections.
const stopMs = 7_000

const nodeIn = async (place: Place): Promise<Node> => {
  const { directory } = place
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  await stopLeftovers(directory)
  const [amqp = 0, admin = 0, metrics = 0, distribution = 0, mapper = 0] = await rememberedPorts(
    join(directory, 'ports.json'),
    5,
  )
  const ports = { amqp, admin, metrics, distribution, mapper }
  const password = passwordOf(directory)
  writeSettings(directory, ports, password)
  const url = `amqp://${user}:${password}@127.0.0.1:${amqp}/${vhost}`
  const adminUrl = `http://${user}:${password}@127.0.0.1:${admin}`
  const marker = `countinghouse-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`
  return { ...place, ports, url, adminUrl, marker }
}

const startNode = ({ sbin, directory, ports, url, adminUrl, marker, signal }: Node): Promise<Child> =>
  startServerProcess({
    ...{ name: 'rabbitmq', directory, command: join(sbin, 'rabbitmq-server'), parameters: [], marker, signal },
    environment: environmentOf(directory, ports, marker),
    ready: () => probeRabbitmq(url, adminUrl),
    timeoutMs: 90_000,
  })

// RabbitMQ would start a port mapper that outlives it; one that is our own child ends with the rest.
const startMapper = ({ directory, ports, signal }: Node): Promise<Child> => {
  const program = findEpmd()
  if (!program) throw new Failure("RabbitMQ needs Erlang's epmd on the PATH")
  const parameters = ['-port', String(ports.mapper), '-address', '127.0.0.1']
  return startServerProcess({
    ...{ name: 'epmd', directory, command: program, parameters, marker: String(ports.mapper), signal },
    ready: async () => undefined,
    timeoutMs: 5_000,
  })
}

const once = (begin: () => Promise<Child>) => {
  let running: Child | undefined
  return {
    start: async () => {
      if (!running?.isRunning()) running = await begin()
    },
    end: async () => running?.kill(),
  }
}
