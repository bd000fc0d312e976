import { join } from 'node:path'
import { stopLeftovers } from '../kit/identity.js'
import { rememberedPorts } from '../kit/ports.js'
import { probeRedis } from './probes.js'
import { startServerProcess } from './process.js'
import type { Provided, ProvisionOptions } from './types.js'

const parametersFor = (directory: string, port: number) => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory],
  ...['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'],
  // Keeps the command line as given, by which a leftover is known again.
  ...['--set-proc-title', 'no'],
]

/** Runs a redis-server with its data kept in the folder. */
export const startRedis = async (program: string, options: ProvisionOptions): Promise<Provided> => {
  const directory = join(options.dataDir, 'redis')
  await stopLeftovers(directory)
  const [port = 0] = await rememberedPorts(join(directory, 'ports.json'), 1)
  const url = `redis://127.0.0.1:${port}`
  const child = await startServerProcess({
    ...{ name: 'redis-server', directory, command: program, parameters: parametersFor(directory, port) },
    ...{ marker: directory, timeoutMs: 20_000, signal: options.signal },
    ready: () => probeRedis(url),
  })
  const origin = `${program} on port ${port}`
  return { url, origin, stop: () => (options.purpose === 'test' ? child.kill() : child.stop(6_000)) }
}
