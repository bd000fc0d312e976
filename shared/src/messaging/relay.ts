import type { ConfirmChannel } from 'amqplib'
import type { Connection } from 'mongoose'
import { faultPoint } from '../fault.js'
import type { Log } from '../log.js'
import { counter, gauge } from '../metrics.js'
import { keepLease } from '../mongo/lease.js'
import { native, readsOn } from '../mongo/transaction.js'
import type { Broker } from './broker.js'
import { routingKeyOf } from './event.js'
import { createMarks, type Marks } from './marks.js'
import { handoverOf, outbox, type OutboxRow } from './outbox.js'
import { EVENTS_EXCHANGE } from './topology.js'
import { createSignal } from './signal.js'
import { beginSpan } from '../tracing/span.js'
import { uuidTimeMs } from '../uuid.js'

export interface Relay {
  /** Publishes what is still waiting, if the broker is there, and ends. */
  stop(): Promise<void>
}

type Options = { db: Connection; broker: Broker; log: Log }

// Rows, each with the events of one commit.
const BATCH_MAX = 50
const SWEEP_EVERY_MS = 2_000
const LEASE_TTL_MS = 5_000
const TRY_AGAIN_AFTER_MS = 250

const published = counter('outbox_publish_total', 'Events handed to RabbitMQ', { result: ['confirmed', 'refused'] })
const pending = gauge('outbox_pending', 'Commits whose events wait to be published')
const oldestAge = gauge('outbox_oldest_unpublished_age_seconds', 'Age of the oldest event that waits to be published')

/**
 * Publishes outbox rows with confirms, in the order they were written, at least once. The commits of its own process
 * wake it, and a change stream for those of others; what piled up while a batch was confirmed is the next batch; a sweep
 * finds what a lost wake-up left behind. Of the replicas of a service the one with the lease works, the others stand by.
 */
export const startRelay = ({ db, broker, log }: Options): Relay => {
  const signal = createSignal()
  const state: { channel?: ConfirmChannel; stopping: boolean } = { stopping: false }
  const lease = keepLease(db, 'outbox-relay', LEASE_TTL_MS)
  const marks = createMarks(db)
  broker.keepChannel('relay', async (channel) => {
    await channel.checkExchange(EVENTS_EXCHANGE)
    channel.on('close', () => delete state.channel)
    state.channel = channel
    signal.raise()
  })
  const stopListening = handoverOf(db).listen(signal.raise)
  const stopWatching = watchOutbox(db, signal.raise, log)
  const sweep = setInterval(() => {
    signal.raise()
    marks
      .write()
      .then(() => measure(db))
      .catch(() => undefined)
  }, SWEEP_EVERY_MS)

  const publishWaiting = async (): Promise<void> => {
    while (state.channel && (await lease.hold()) && (await publishBatch({ db, marks }, state.channel)) === BATCH_MAX);
  }
  const run = async (): Promise<void> => {
    while (!state.stopping) {
      await signal.wait()
      await publishWaiting().catch((error: unknown) => {
        log.warn({ err: error }, 'The outbox could not be published; trying again')
        setTimeout(signal.raise, TRY_AGAIN_AFTER_MS).unref()
      })
    }
  }
  const running = run()
  return {
    stop: async () => {
      clearInterval(sweep)
      state.stopping = true
      signal.raise()
      await running
      stopListening()
      await stopWatching()
      await publishWaiting().catch(() => undefined)
      await marks.write().catch(() => undefined)
      await lease.release()
    },
  }
}

type Work = { db: Connection; marks: Marks }

/** Answers how many rows it took. Rows that the broker did not confirm stay unpublished and are sent again. */
const publishBatch = async ({ db, marks }: Work, channel: ConfirmChannel): Promise<number> => {
  const rows = await readWaiting(db, marks)
  if (rows.length === 0) return 0
  faultPoint('relay:read')
  const confirmed = await Promise.all(rows.map(({ events }) => publishAll(channel, events)))
  faultPoint('relay:published')
  const ids = rows.filter((_, index) => confirmed[index]).map(({ _id }) => _id)
  await marks.add(ids)
  if (ids.length < rows.length) throw new Error(`RabbitMQ confirmed ${ids.length} of ${rows.length} commits' events`)
  return rows.length
}

/** The oldest rows that wait; of those that this process has to hand only the ids are read. */
const readWaiting = async (db: Connection, marks: Marks): Promise<OutboxRow[]> => {
  const only = { projection: { _id: 1 } }
  const waiting = await native(db, outbox).find(marks.waiting(), only).sort({ _id: 1 }).limit(BATCH_MAX).toArray()
  const ids = waiting.map(({ _id }) => _id)
  const rows = handoverOf(db).take(ids)
  const missing = ids.filter((id) => !rows.has(id))
  const read = missing.length > 0 ? await readsOn(db).find(outbox, { _id: { $in: missing } }) : []
  for (const row of read) rows.set(row._id, row)
  return ids.flatMap((id) => rows.get(id) ?? [])
}

/** True when RabbitMQ has all of them; else all of them are sent again. */
const publishAll = async (channel: ConfirmChannel, events: OutboxRow['events']): Promise<boolean> => {
  const confirmed = await Promise.all(events.map((event) => publish(channel, event)))
  const count = confirmed.filter(Boolean).length
  published.inc({ result: 'confirmed' }, count)
  published.inc({ result: 'refused' }, events.length - count)
  return count === events.length
}

const publish = (channel: ConfirmChannel, event: OutboxRow['events'][number]): Promise<boolean> =>
  new Promise((resolve) => {
    const span = beginSpan({ name: `publish ${event.type}`, kind: 'producer', parent: event.traceparent })
    const properties = {
      messageId: event.id,
      type: event.type,
      contentType: 'application/cloudevents+json',
      persistent: true,
      headers: { traceparent: span.traceparent },
    }
    try {
      channel.publish(EVENTS_EXCHANGE, routingKeyOf(event.type), Buffer.from(event.content), properties, (error) => {
        span.end({ failed: error !== null })
        resolve(error === null)
      })
    } catch {
      resolve(false)
    }
  })

// Only a wake-up: the rows are read by index, so nothing depends on a resume token.
const watchOutbox = (db: Connection, wake: () => void, log: Log): (() => Promise<void>) => {
  let stopped = false
  const open = () => {
    const foreign = { operationType: 'insert', 'fullDocument.by': { $ne: handoverOf(db).by } }
    const stream = native(db, outbox).watch([{ $match: foreign }, { $project: { _id: 1 } }])
    stream.on('change', wake)
    stream.on('error', (error) => {
      if (stopped) return
      log.warn({ reason: String(error) }, 'The outbox is not watched; opening the change stream again')
      setTimeout(() => (current = open()), 1000).unref()
    })
    return stream
  }
  let current = open()
  return async () => {
    stopped = true
    await current.close()
  }
}

const measure = async (db: Connection): Promise<void> => {
  const waiting = await native(db, outbox).countDocuments({ publishedAt: null }, { limit: 10_000 })
  const [oldest] = waiting
    ? await native(db, outbox).find({ publishedAt: null }).sort({ _id: 1 }).limit(1).toArray()
    : []
  pending.set(waiting)
  oldestAge.set(oldest ? (Date.now() - uuidTimeMs(oldest._id)) / 1000 : 0)
}
