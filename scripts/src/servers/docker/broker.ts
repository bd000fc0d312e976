import { freePorts } from '../../kit/ports.js'
import { probeRabbitmq } from '../probes.js'
import type { Broker } from '../rabbitmq/broker.js'
import { ownContainer } from './container.js'
import { images, rabbitmqCommand, rabbitmqEnvironment, rabbitmqUrls } from './images.js'

/** A broker in a container. */
export const brokerContainer = async (): Promise<Broker> => {
  const [port = 0, adminPort = 0] = await freePorts(2)
  const { url, adminUrl } = rabbitmqUrls('127.0.0.1', port, adminPort)
  const container = await ownContainer({
    url,
    image: images.rabbitmq,
    published: [`127.0.0.1:${port}:5672`, `127.0.0.1:${adminPort}:15672`],
    settings: rabbitmqEnvironment,
    command: rabbitmqCommand,
    probe: () => probeRabbitmq(url, adminUrl),
  })
  return { ...container, adminUrl }
}
