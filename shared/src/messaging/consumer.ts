import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import { runInContext } from '../context.js'
import { faultPoint } from '../fault.js'
import type { Log } from '../log.js'
import { LATENCY_BUCKETS, counter, histogram } from '../metrics.js'
import { insertion } from '../mongo/companion.js'
import { untilMongoAnswers } from '../mongo/outage.js'
import { inTransaction } from '../mongo/transaction.js'
import { Refusal } from '../refusal.js'
import type { Broker } from './broker.js'
import { AlreadyHandled, PoisonMessage, contextOf, parseEvent, type Delivery, type Handler } from './delivery.js'
import type { Envelope, EventContract } from './event.js'
import { inbox, toInboxRow } from './inbox.js'
import { createKeyedQueue } from './keyedQueue.js'
import { DEAD_LETTER_EXCHANGE, RETRY_DELAYS_MS, RETRY_EXCHANGE, retryKeyOf, type QueueName } from './topology.js'

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
const ATTEMPT_HEADER = 'x-ch-attempt'

const outcomes = counter('consumer_outcome_total', 'Messages by what became of them', ['queue', 'outcome'])
const endToEnd = histogram('event_end_to_end_seconds', 'From the event to its committed effect', LATENCY_BUCKETS, [
  'queue',
])

type Outcome = 'ack' | 'duplicate' | 'retry' | 'dlq'

/**
 * Consumes one queue: the effect and its inbox row commit together, the acknowledgement follows. A failure is tried
 * again with growing gaps and then put with the dead letters, poison at once; while MongoDB is away messages are held,
 * not counted. Events of one subject are handled one after another.
 */
export const startConsumer = ({ queue, handlers, db, broker, log: parent }: ConsumerOptions): Consumer => {
  const log = parent.child({ queue })
  const byType = new Map(handlers.map((handler) => [handler.contract.type, handler]))
  const contracts = new Map<string, EventContract>(handlers.map(({ contract }) => [contract.type, contract]))
  const inOrder = createKeyedQueue()
  const state: { channel?: ConfirmChannel; stopping: boolean } = { stopping: false }

  const handle = async (event: Envelope, lastAttempt: boolean): Promise<void> => {
    const handler = byType.get(event.type)
    if (!handler) throw new PoisonMessage(`nothing here handles ${event.type}`)
    await untilMongoAnswers(db, log, () => handler.handle(toDelivery(db, queue, event, lastAttempt)))
    endToEnd.observe({ queue }, (Date.now() - Date.parse(event.time)) / 1000)
  }

  const settle = async (channel: ConfirmChannel, message: ConsumeMessage): Promise<Outcome> => {
    const attempt = attemptOf(message)
    try {
      const event = parseEvent(message, contracts)
      faultPoint(`${queue}:received`)
      await inOrder(event.subject, () =>
        runInContext(contextOf(event), () => handle(event, attempt >= RETRY_DELAYS_MS.length)),
      )
      faultPoint(`${queue}:before-ack`)
      return 'ack'
    } catch (error) {
      if (error instanceof AlreadyHandled) return 'duplicate'
      const delayMs = isPermanent(error) ? undefined : RETRY_DELAYS_MS[attempt]
      log.warn(
        { err: error, event_id: message.properties.messageId as unknown, attempt, delayMs },
        'An event could not be handled',
      )
      if (delayMs === undefined) await toDeadLetters(channel, queue, message, error)
      else await toRetry(channel, queue, message, attempt + 1)
      return delayMs === undefined ? 'dlq' : 'retry'
    }
  }

  const receive = async (channel: ConfirmChannel, message: ConsumeMessage): Promise<void> => {
    try {
      outcomes.inc({ queue, outcome: await settle(channel, message) })
      channel.ack(message)
    } catch (error) {
      // The channel is gone or the copy was refused: unacknowledged, the broker delivers the message again.
      log.warn({ err: error }, 'A message could not be settled')
    }
  }

  const inHand = new Set<Promise<void>>()
  let consumerTag: string | undefined
  broker.keepChannel(queue, async (channel) => {
    if (state.stopping) return
    await channel.checkQueue(queue)
    await channel.prefetch(PREFETCH)
    state.channel = channel
    const consuming = await channel.consume(queue, (message) => {
      if (message === null) return void channel.close()
      const work = receive(channel, message).finally(() => inHand.delete(work))
      inHand.add(work)
    })
    consumerTag = consuming.consumerTag
  })
  return {
    stop: async () => {
      state.stopping = true
      if (consumerTag !== undefined) await state.channel?.cancel(consumerTag).catch(() => undefined)
      await Promise.all(inHand)
    },
  }
}

const toDelivery = (db: Connection, consumer: string, event: Envelope, lastAttempt: boolean): Delivery<unknown> => {
  const inboxRow = toInboxRow(consumer, event)
  return {
    event,
    lastAttempt,
    inboxWrite: insertion(inbox, inboxRow, () => new AlreadyHandled()),
    once: (effect) =>
      inTransaction(db, async (tx) => {
        if (!(await tx.insertIfAbsent(inbox, inboxRow))) throw new AlreadyHandled()
        await effect(tx)
      }),
  }
}

const isPermanent = (error: unknown): boolean =>
  error instanceof PoisonMessage || (error instanceof Refusal && error.status < 500)

const attemptOf = (message: ConsumeMessage): number => Number(message.properties.headers?.[ATTEMPT_HEADER] ?? 0)

const toRetry = (channel: ConfirmChannel, queue: string, message: ConsumeMessage, attempt: number): Promise<void> => {
  const key = retryKeyOf(queue, RETRY_DELAYS_MS[attempt - 1] ?? 0)
  return republish(channel, RETRY_EXCHANGE, key, message, { [ATTEMPT_HEADER]: attempt })
}

/** Puts a message with the dead letters of its queue, with the reason in its headers. */
export const toDeadLetters = (
  channel: ConfirmChannel,
  queue: string,
  message: ConsumeMessage,
  error: unknown,
): Promise<void> =>
  republish(channel, DEAD_LETTER_EXCHANGE, queue, message, {
    'x-ch-error': error instanceof Error ? error.name : 'unknown',
    'x-ch-reason': String(error).slice(0, 2000),
    'x-ch-failed-at': new Date().toISOString(),
  })

const republish = (
  channel: ConfirmChannel,
  exchange: string,
  key: string,
  message: ConsumeMessage,
  headers: Record<string, unknown>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const old = message.properties as { messageId?: string; type?: string; contentType?: string; headers?: object }
    const { messageId = '', type = '', contentType = '' } = old
    const properties = { messageId, type, contentType, persistent: true, headers: { ...old.headers, ...headers } }
    channel.publish(exchange, key, message.content, properties, (error) => {
      if (error === null) resolve()
      else reject(error as Error)
    })
  })
