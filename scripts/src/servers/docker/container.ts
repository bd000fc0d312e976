import { randomBytes } from 'node:crypto'
import { runCommand } from '../../kit/command.js'
import { waitFor } from '../../kit/wait.js'
import type { OwnServer } from '../types.js'

export type ContainerOptions = {
  url: string
  image: string
  /** Like `127.0.0.1:20000:6379`. */
  published: string[]
  settings?: Record<string, string>
  command: string[]
  probe: () => Promise<void>
}

const run = async (...parameters: string[]): Promise<void> => {
  const { ok, output } = await runCommand('docker', parameters)
  if (!ok) throw new Error(output)
}

/** A server in a container; plain docker, because testcontainers cannot start a stopped container again. */
export const ownContainer = async (options: ContainerOptions): Promise<OwnServer> => {
  const { url, image, published, settings = {}, command, probe } = options
  const name = `countinghouse-own-${randomBytes(4).toString('hex')}`
  const environment = Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  const ports = published.flatMap((port) => ['-p', port])
  await run('create', '--name', name, '--hostname', 'server', ...ports, ...environment, image, ...command)
  return {
    url,
    start: async () => {
      await run('start', name)
      await waitFor(`${image} did not get ready`, probe, { timeoutMs: 90_000 })
    },
    stop: () => run('stop', '--time', '15', name),
    kill: () => run('kill', name),
    close: () => run('rm', '--force', '--volumes', name),
  }
}
