import type { ConsumeMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import { runInContext } from '../context.js'
import { faultPoint } from '../fault.js'
import type { Log } from '../log.js'
import { LATENCY_BUCKETS, histogram } from '../metrics.js'
import { insertion } from '../mongo/companion.js'
import { untilMongoAnswers } from '../mongo/outage.js'
import { inTransaction } from '../mongo/transaction.js'
import { AlreadyHandled, PoisonMessage, contextOf, parseEvent, type Delivery, type Handler } from './delivery.js'
import type { Envelope, EventContract } from './event.js'
import { inbox, toInboxRow } from './inbox.js'
import { createKeyedQueue } from './keyedQueue.js'
import { beginSpan } from '../tracing/span.js'

export type HandlingOptions = { queue: string; handlers: readonly Handler[]; db: Connection; log: Log }

/** Handles one message, or throws what is wrong with it. */
export type HandleMessage = (message: ConsumeMessage, lastAttempt: boolean) => Promise<void>

const endToEnd = histogram('event_end_to_end_seconds', 'From the event to its committed effect', LATENCY_BUCKETS, [
  'queue',
])

/** Gives each event to its handler: in its own context, one at a time per subject, held while MongoDB is away. */
export const createHandling = ({ queue, handlers, db, log }: HandlingOptions): HandleMessage => {
  const byType = new Map(handlers.map((handler) => [handler.contract.type, handler]))
  const contracts = new Map<string, EventContract>(handlers.map(({ contract }) => [contract.type, contract]))
  const inOrder = createKeyedQueue()
  return async (message, lastAttempt) => {
    const event = parseEvent(message, contracts)
    const handler = byType.get(event.type)
    if (!handler) throw new PoisonMessage(`nothing here handles ${event.type}`)
    faultPoint(`${queue}:received`)
    const delivery = toDelivery(db, queue, event, lastAttempt)
    await inOrder(event.subject, () =>
      spanned(`${queue} ${event.type}`, event, (traceparent) =>
        runInContext(contextOf(event, traceparent), () => untilMongoAnswers(db, log, () => handler.handle(delivery))),
      ),
    )
    endToEnd.observe({ queue }, (Date.now() - Date.parse(event.time)) / 1000)
    faultPoint(`${queue}:before-ack`)
  }
}

/** Does work on an event in a span that continues the event's trace. */
export const spanned = async <Result>(
  name: string,
  { traceparent: parent, id }: Envelope,
  work: (traceparent: string) => Promise<Result>,
): Promise<Result> => {
  const span = beginSpan({ name, kind: 'consumer', parent, attributes: { 'messaging.message.id': id } })
  try {
    const result = await work(span.traceparent)
    span.end()
    return result
  } catch (error) {
    span.end({ failed: !(error instanceof AlreadyHandled) })
    throw error
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
