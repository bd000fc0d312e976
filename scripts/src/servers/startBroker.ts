import { resolve } from 'node:path'
import { Failure } from '../kit/failure.js'
import { dockerAnswers } from './docker.js'
import { brokerContainer } from './docker/broker.js'
import { missingSentence } from './ladder.js'
import { brokerIn, type Broker } from './rabbitmq/broker.js'
import { findRabbitmq } from './rabbitmq/find.js'
import type { Say } from './types.js'

/** A running broker of one's own, which a fault test may stop, kill and start again on the same port with its data. */
export const startBroker = async ({ dataDir, say }: { dataDir: string; say: Say }): Promise<Broker> => {
  const broker = await newBroker(resolve(dataDir))
  try {
    await broker.start()
  } catch (error) {
    await broker.close()
    throw error
  }
  say(`a broker of its own on port ${new URL(broker.url).port}`)
  return broker
}

const newBroker = async (directory: string): Promise<Broker> => {
  if (await dockerAnswers()) return brokerContainer()
  const sbin = findRabbitmq()
  // An address in the environment does not help here: that broker belongs to somebody else.
  if (!sbin) throw new Failure(missingSentence(['rabbitmq']))
  return brokerIn({ sbin, directory })
}
