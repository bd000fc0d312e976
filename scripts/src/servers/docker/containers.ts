import { MongoDBContainer } from '@testcontainers/mongodb'
import { RabbitMQContainer } from '@testcontainers/rabbitmq'
import { RedisContainer } from '@testcontainers/redis'
import { startTogether } from '../ladder.js'
import type { Provided, ProvisionOptions, Provisions, ServerName } from '../types.js'
import { images, rabbitmqCommand, rabbitmqEnvironment, rabbitmqUrls } from './images.js'

const startupMs = 120_000
const origin = (image: string) => `container ${image} (testcontainers)`
const ender = (container: { stop(): Promise<unknown> }) => async () => void (await container.stop())

const mongodb = async (): Promise<Provided> => {
  const container = await new MongoDBContainer(images.mongodb).withStartupTimeout(startupMs).start()
  const url = `${container.getConnectionString()}/?directConnection=true&replicaSet=rs0`
  return { url, origin: origin(images.mongodb), stop: ender(container) }
}

const rabbitmq = async (): Promise<Provided> => {
  const container = await new RabbitMQContainer(images.rabbitmq)
    .withEnvironment(rabbitmqEnvironment)
    .withCommand(rabbitmqCommand)
    .withStartupTimeout(startupMs)
    .start()
  const urls = rabbitmqUrls(container.getHost(), container.getMappedPort(5672), container.getMappedPort(15672))
  return { ...urls, origin: origin(images.rabbitmq), stop: ender(container) }
}

const redis = async (): Promise<Provided> => {
  const container = await new RedisContainer(images.redis).withStartupTimeout(startupMs).start()
  return { url: container.getConnectionUrl(), origin: origin(images.redis), stop: ender(container) }
}

const starters = { mongodb, rabbitmq, redis }

/** Throw-away containers for a test run; testcontainers' reaper removes them even when this process is killed. */
export const containers = (wanted: ServerName[], options: ProvisionOptions): Promise<Provisions> =>
  startTogether(Object.fromEntries(wanted.map((name) => [name, starters[name]])), options)
