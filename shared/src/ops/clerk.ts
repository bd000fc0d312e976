import type { ConfirmChannel } from 'amqplib'
import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { gauge } from '../metrics.js'
import type { Broker } from '../messaging/broker.js'
import { routingKeyOf } from '../messaging/event.js'
import {
  EVENTS_EXCHANGE,
  EVENT_STREAM,
  RETRY_DELAYS_MS,
  RETRY_EXCHANGE,
  deadLetterQueueOf,
  retryKeyOf,
} from '../messaging/topology.js'
import { untilMongoAnswers } from '../mongo/outage.js'
import { readsOn } from '../mongo/transaction.js'
import { refuse } from '../refusal.js'
import { repeat } from '../repeat.js'
import type { Background } from '../service.js'
import { countWaiting, keepLetter, type DeadLetter } from './deadLetters.js'

/** Takes dead letters out of the broker, where nobody can look at them without moving them, and sends them back. */
export type Clerk = Background & {
  /** Hands a letter to its queue once more; done when the broker has it. */
  redrive(letter: DeadLetter): Promise<void>
}

type Options = { db: Connection; broker: Broker; log: Log; queues: readonly string[] }

const waiting = gauge('dead_letters_waiting', 'Messages that failed each time and wait for a decision', ['queue'])
const MEASURE_EVERY_MS = 15_000
const AT_ONCE = 10

export const startClerk = ({ db, broker, log, queues }: Options): Clerk => {
  const state: { channel?: ConfirmChannel } = {}
  broker.keepChannel('dead letters', async (channel) => {
    await channel.prefetch(AT_ONCE)
    for (const queue of queues) await takeFrom(channel, queue, { db, log })
    channel.on('close', () => delete state.channel)
    state.channel = channel
  })
  const measuring = repeat({
    ...{ everyMs: MEASURE_EVERY_MS, work: () => measure(db, queues), log },
    failure: 'The dead letters could not be counted',
  })
  return {
    redrive: (letter) => {
      if (!state.channel) throw refuse('dependency_unavailable', { dependency: 'RabbitMQ' })
      return send(state.channel, letter)
    },
    stop: () => measuring.stop(),
  }
}

const takeFrom = async (channel: ConfirmChannel, queue: string, { db, log }: Pick<Options, 'db' | 'log'>) => {
  await channel.consume(deadLetterQueueOf(queue), (message) => {
    if (message === null) return void channel.close()
    untilMongoAnswers(db, log, () => keepLetter(db, queue, message))
      .then(() => channel.ack(message))
      .catch((error: unknown) => {
        log.error({ err: error, queue }, 'A dead letter could not be kept')
        void channel.close().catch(() => undefined)
      })
  })
}

const measure = async (db: Connection, queues: readonly string[]): Promise<void> => {
  const counts = new Map((await countWaiting(readsOn(db))).map(({ _id, count }) => [_id, count]))
  for (const queue of queues) waiting.set({ queue }, Number(counts.get(queue) ?? 0))
}

// A queue's own retry queue hands it back after a moment. What a projection could not read goes to everybody again:
// whoever has handled it knows.
const send = (channel: ConfirmChannel, { _id, queue, type, content }: DeadLetter): Promise<void> =>
  new Promise((resolve, reject) => {
    const messageId = _id.slice(queue.length + 1)
    const properties = { messageId, type, contentType: 'application/cloudevents+json', persistent: true }
    const [exchange, key] =
      queue === EVENT_STREAM
        ? [EVENTS_EXCHANGE, routingKeyOf(type)]
        : [RETRY_EXCHANGE, retryKeyOf(queue, RETRY_DELAYS_MS[0])]
    channel.publish(exchange, key, Buffer.from(content), properties, (error) => {
      if (error === null) resolve()
      else reject(error as Error)
    })
  })
