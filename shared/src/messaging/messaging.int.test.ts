import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { connect, type ChannelModel, type GetMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import { walletOpened } from '../contracts/wallet.js'
import { userRegistered } from '../contracts/auth.js'
import { createLog } from '../log.js'
import { defineCollection } from '../mongo/collection.js'
import { connectMongo } from '../mongo/connect.js'
import { inTransaction, readsOn } from '../mongo/transaction.js'
import { refuse } from '../refusal.js'
import { freshDatabase } from '../testing/database.js'
import { eventually } from '../testing/eventually.js'
import { registrationOf } from '../testing/events.js'
import { publishEvent } from '../testing/publish.js'
import { freshVirtualHost, testServers } from '../testing/servers.js'
import { connectBroker, type Broker } from './broker.js'
import { startConsumer } from './consumer.js'
import { on, type Handler } from './delivery.js'
import { newEvent } from './event.js'
import { inbox } from './inbox.js'
import { addToOutbox, outbox } from './outbox.js'
import { startRelay } from './relay.js'
import { deadLetterQueueOf } from './topology.js'

const QUEUE = 'wallet.user-events'
const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent')
const notes = defineCollection<{ _id: string; text: string }>('notes', { text: { type: String, required: true } })

let db: Connection
let rabbitmqUrl: string
let observer: ChannelModel
const cleanUps: (() => Promise<unknown>)[] = []
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  const database = await freshDatabase(notes)
  const virtualHost = await freshVirtualHost(testServers())
  db = database.db
  rabbitmqUrl = virtualHost.url
  observer = await connect(rabbitmqUrl)
  ends.push(
    () => observer.close(),
    () => database.close(),
    () => virtualHost.remove(),
  )
})
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})
afterAll(async () => {
  for (const end of ends) await end()
})

const openBroker = async (): Promise<Broker> => {
  const broker = await connectBroker({ url: rabbitmqUrl, service: 'test', log })
  cleanUps.push(() => broker.close())
  return broker
}
const relay = async () => {
  const running = startRelay({ db, broker: await openBroker(), log })
  cleanUps.push(() => running.stop())
}
const consume = async (...handlers: Handler[]) => {
  const consumer = startConsumer({ queue: QUEUE, handlers, db, broker: await openBroker(), log })
  cleanUps.push(() => consumer.stop())
}
const takeOne = async (queue: string): Promise<GetMessage> => {
  const channel = await observer.createChannel()
  try {
    return await eventually(async () => {
      const message = await channel.get(queue, { noAck: true })
      if (message === false) throw new Error(`${queue} is empty`)
      return message
    })
  } finally {
    await channel.close()
  }
}

test('an event is sent when its transaction commits, and never when it does not', async () => {
  await relay()
  const sent = newEvent(walletOpened, 'w1', { wallet_id: 'w1', user_id: 'u1', currency: 'USD' })
  await expect(
    inTransaction(db, async (tx) => {
      await addToOutbox(tx, newEvent(walletOpened, 'w0', { wallet_id: 'w0', user_id: 'u0', currency: 'USD' }))
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  await inTransaction(db, (tx) => addToOutbox(tx, sent))
  const rows = await eventually(async () => {
    const found = await readsOn(db).find(outbox, {})
    expect(found.map(({ publishedAt }) => publishedAt)).toEqual([expect.any(Date)])
    return found
  })
  expect(rows.map(({ _id }) => _id)).toEqual([sent.id])
})

test('what another process announces is sent as well', async () => {
  const other = await connectMongo({ uri: testServers().mongodbUri, database: db.name, service: 'other', log })
  cleanUps.push(() => other.close())
  await relay()
  const sent = ['w2', 'w3'].map((wallet_id) =>
    newEvent(walletOpened, wallet_id, { wallet_id, user_id: 'u2', currency: 'USD' }),
  )
  for (const event of sent) await inTransaction(other, (tx) => addToOutbox(tx, event))
  await eventually(async () => {
    const rows = await readsOn(db).find(outbox, { _id: { $in: sent.map(({ id }) => id) } })
    expect(rows.map(({ publishedAt }) => publishedAt)).toEqual([expect.any(Date), expect.any(Date)])
  })
})

test('two relays of one service send each event once, in the order in which it was announced', async () => {
  const seen: string[] = []
  await consume(on(userRegistered, ({ event }) => Promise.resolve(void seen.push(event.data.username))))
  await relay()
  await relay()
  const names = Array.from({ length: 300 }, (_, index) => `order-${index.toString().padStart(3, '0')}`)
  for (const name of names)
    await inTransaction(db, (tx) => addToOutbox(tx, { ...registrationOf(name), subject: 'one' }))
  await eventually(() => {
    expect(seen).toEqual(names)
  })
})

test('an event that arrives ten times has one effect, committed together with its inbox row', async () => {
  await consume(
    on(userRegistered, ({ event, once }) =>
      once((tx) => tx.insert(notes, { _id: event.id, text: event.data.username })),
    ),
  )
  const event = registrationOf('ten-times')
  await publishEvent(rabbitmqUrl, event, 10)
  await eventually(async () => {
    expect(await readsOn(db).find(notes, { _id: event.id })).toEqual([{ _id: event.id, text: 'ten-times' }])
    expect(await readsOn(db).count(inbox, { eventId: event.id })).toBe(1)
  })
})

test('an effect that fails half way is undone whole, and tried again', async () => {
  let tries = 0
  await consume(
    on(userRegistered, ({ event, once }) =>
      once(async (tx) => {
        await tx.insert(notes, { _id: event.id, text: (++tries).toString() })
        if (tries === 1) throw new Error('half way')
      }),
    ),
  )
  const event = registrationOf('retried')
  await publishEvent(rabbitmqUrl, event)
  await eventually(async () => {
    expect(await readsOn(db).find(notes, { _id: event.id })).toEqual([{ _id: event.id, text: '2' }])
  }, 15_000)
})

test.each([
  [
    'that no contract fits',
    { ...registrationOf('poison'), data: { user_id: 7 } },
    'PoisonMessage',
    'breaks the contract',
  ],
  ['whose effect is refused for good', registrationOf('refused'), 'Refusal', 'User does not have permission'],
])('a message %s is put with the dead letters at once, with the reason', async (_kind, event, error, reason) => {
  await consume(
    on(userRegistered, () => {
      throw refuse('forbidden')
    }),
  )
  await publishEvent(rabbitmqUrl, event)
  const { properties } = await takeOne(deadLetterQueueOf(QUEUE))
  expect(properties.messageId).toBe(event.id)
  expect(properties.headers).toMatchObject({ 'x-ch-error': error, 'x-ch-reason': expect.stringContaining(reason) })
})

test('a message that no queue takes is kept where operators see it', async () => {
  const channel = await observer.createConfirmChannel()
  channel.publish('ch.retry', 'no.such.queue', Buffer.from('{}'), { messageId: 'stray' })
  await channel.waitForConfirms()
  expect((await takeOne('ch.unrouted')).properties.messageId).toBe('stray')
  await channel.close()
})
