import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { counter, fromZero } from '../metrics.js'
import { Refusal } from '../refusal.js'
import type { Broker } from './broker.js'
import { AlreadyHandled, PoisonMessage, type Handler } from './delivery.js'
import { createHandling, type HandleMessage } from './handling.js'
import { attemptOf, toDeadLetters, toRetry } from './republish.js'
import { RETRY_DELAYS_MS, type QueueName } from './topology.js'

export interface Consumer {
  /** Takes no more messages and waits for those in hand. */
  stop(): Promise<void>
}

export type ConsumerOptions = {
  queue: QueueName
  handlers: readonly Handler[]
  db: Connection
  broker: Broker
  log: Log
}

const PREFETCH = 20

/**
 * Consumes one queue: the effect and its inbox row commit together, the acknowledgement follows. A failure is tried
 * again with growing gaps and then put with the dead letters, poison at once; while MongoDB is away messages are held,
 * not counted.
 */
export const startConsumer = ({ queue, broker, log: parent, ...options }: ConsumerOptions): Consumer => {
  const log = parent.child({ queue })
  const receive = receiver({ queue, log, handle: createHandling({ ...options, queue, log }) })
  fromZero(outcomes, { queue: [queue], outcome: ['ack', 'retry', 'dlq', 'duplicate'] })
  const inHand = new Set<Promise<void>>()
  const state: { cancel?: () => Promise<unknown>; stopping: boolean } = { stopping: false }
  broker.keepChannel(queue, async (channel) => {
    if (state.stopping) return
    await channel.checkQueue(queue)
    await channel.prefetch(PREFETCH)
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message === null) return void channel.close()
      const work = receive(channel, message).finally(() => inHand.delete(work))
      inHand.add(work)
    })
    state.cancel = () => channel.cancel(consumerTag)
  })
  return {
    stop: async () => {
      state.stopping = true
      await state.cancel?.().catch(() => undefined)
      await Promise.all(inHand)
    },
  }
}

type Receiving = { queue: QueueName; log: Log; handle: HandleMessage }

const outcomes = counter('consumer_outcome_total', 'Messages by what became of them', ['queue', 'outcome'])

const receiver =
  ({ queue, log, handle }: Receiving) =>
  async (channel: ConfirmChannel, message: ConsumeMessage): Promise<void> => {
    try {
      const attempt = attemptOf(message)
      const outcome = await handle(message, attempt >= RETRY_DELAYS_MS.length).then(
        () => 'ack',
        (error: unknown) => settleFailure({ queue, log, channel, message, attempt, error }),
      )
      channel.ack(message)
      outcomes.inc({ queue, outcome })
    } catch (error) {
      // The channel is gone or the copy was refused: unacknowledged, the broker delivers the message again.
      log.warn({ err: error }, 'A message could not be settled')
    }
  }

type Failure = Omit<Receiving, 'handle'> & {
  channel: ConfirmChannel
  message: ConsumeMessage
  attempt: number
  error: unknown
}

const settleFailure = async ({ queue, log, channel, message, attempt, error }: Failure): Promise<string> => {
  if (error instanceof AlreadyHandled) return 'duplicate'
  const delayMs = isPermanent(error) ? undefined : RETRY_DELAYS_MS[attempt]
  const facts = { err: error, event_id: message.properties.messageId as unknown, attempt, delayMs }
  log[delayMs === undefined ? 'error' : 'warn'](facts, 'An event could not be handled')
  if (delayMs === undefined) await toDeadLetters(channel, queue, message, error)
  else await toRetry(channel, queue, message, attempt + 1)
  return delayMs === undefined ? 'dlq' : 'retry'
}

const isPermanent = (error: unknown): boolean =>
  error instanceof PoisonMessage || (error instanceof Refusal && error.status < 500)
