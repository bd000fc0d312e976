import { randomBytes } from 'node:crypto'
import { runCommand } from '../../kit/command.js'
import { freePorts } from '../../kit/ports.js'
import { waitFor } from '../../kit/wait.js'
import { probeRabbitmq } from '../probes.js'
import type { Broker } from '../rabbitmq/broker.js'
import { images, rabbitmqCommand, rabbitmqEnvironment, rabbitmqUrls } from './images.js'

const run = async (...parameters: string[]): Promise<void> => {
  const { ok, output } = await runCommand('docker', parameters)
  if (!ok) throw new Error(output)
}

/** A broker in a container; plain docker, because testcontainers cannot start a stopped container again. */
export const brokerContainer = async (): Promise<Broker> => {
  const name = `countinghouse-broker-${randomBytes(4).toString('hex')}`
  const [port = 0, adminPort = 0] = await freePorts(2)
  const urls = rabbitmqUrls('127.0.0.1', port, adminPort)
  const settings = Object.entries(rabbitmqEnvironment).flatMap(([key, value]) => ['-e', `${key}=${value}`])
  const published = ['-p', `127.0.0.1:${port}:5672`, '-p', `127.0.0.1:${adminPort}:15672`]
  await run(
    'create',
    '--name',
    name,
    '--hostname',
    'broker',
    ...published,
    ...settings,
    images.rabbitmq,
    ...rabbitmqCommand,
  )
  return {
    ...urls,
    start: async () => {
      await run('start', name)
      const probe = () => probeRabbitmq(urls.url, urls.adminUrl)
      await waitFor('the broker did not get ready', probe, { timeoutMs: 90_000 })
    },
    stop: () => run('stop', '--time', '15', name),
    kill: () => run('kill', name),
    close: () => run('rm', '--force', '--volumes', name),
  }
}
