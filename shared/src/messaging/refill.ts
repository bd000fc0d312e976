import { connect, type ConfirmChannel } from 'amqplib'
import type { mongo } from 'mongoose'
import { outbox, type OutboxRow } from './outbox.js'
import { readStream } from './stream.js'
import { EVENT_STREAM } from './topology.js'

type Options = {
  client: mongo.MongoClient
  /** The databases of the services. */
  databases: readonly string[]
  /** As somebody who may write to the stream itself. */
  rabbitmqUrl: string
}

const CONFIRM_EVERY = 500

/**
 * Puts into the stream every event that was published once and is not in it, in the order in which the events happened:
 * for a broker that lost its data. Nobody but the readers of the stream gets them. Safe to run again, and while others
 * publish.
 */
export const refillStream = async ({ client, databases, rabbitmqUrl }: Options): Promise<number> => {
  const connection = await connect(rabbitmqUrl, { noDelay: true })
  try {
    const channel = await connection.createConfirmChannel()
    const known = await idsIn(await connection.createConfirmChannel())
    let count = 0
    for await (const event of inOrder(databases.map((name) => client.db(name)))) {
      if (known.has(event.id)) continue
      publish(channel, event)
      if (++count % CONFIRM_EVERY === 0) await channel.waitForConfirms()
    }
    await channel.waitForConfirms()
    return count
  } finally {
    await connection.close()
  }
}

const QUIET_MS = 2_000

const idsIn = async (channel: ConfirmChannel): Promise<Set<string>> => {
  const reader = await readStream(channel, 'first')
  const ids = new Set<string>()
  for (;;) {
    const messages = await reader.nextWithin(QUIET_MS)
    if (messages.length === 0) return ids
    for (const { properties } of messages) ids.add(String(properties.messageId))
    reader.settle(messages)
  }
}

type Announced = OutboxRow['events'][number]

// Ids begin with their time, so the smallest of all heads is the oldest event.
async function* inOrder(databases: readonly mongo.Db[]): AsyncGenerator<Announced> {
  const cursors = databases.map((db) =>
    db
      .collection<OutboxRow>(outbox.name)
      .find({ publishedAt: { $ne: null } })
      .sort({ _id: 1 }),
  )
  const heads = await Promise.all(cursors.map((cursor) => cursor.next()))
  for (;;) {
    const oldest = heads.reduce<number>((best, row, index) => (row && row._id < (heads[best]?._id ?? '~') ? index : best), 0) // prettier-ignore
    const row = heads[oldest]
    if (!row) return
    yield* row.events
    heads[oldest] = (await cursors[oldest]?.next()) ?? null
  }
}

const publish = (channel: ConfirmChannel, { id, type, traceparent, content }: Announced): void => {
  const properties = { messageId: id, type, contentType: 'application/cloudevents+json', persistent: true }
  channel.sendToQueue(EVENT_STREAM, Buffer.from(content), { ...properties, headers: { traceparent } })
}
