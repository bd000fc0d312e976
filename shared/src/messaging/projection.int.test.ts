import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { connect, type ConfirmChannel, type GetMessage } from 'amqplib'
import type { Connection } from 'mongoose'
import { walletOpened } from '../contracts/wallet.js'
import { createLog } from '../log.js'
import { registry } from '../metrics.js'
import { defineCollection } from '../mongo/collection.js'
import { inTransaction, readsOn } from '../mongo/transaction.js'
import { freshDatabase } from '../testing/database.js'
import { eventually } from '../testing/eventually.js'
import { registrationOf } from '../testing/events.js'
import { publishEvent } from '../testing/publish.js'
import { freshVirtualHost, testServers } from '../testing/servers.js'
import { connectBroker } from './broker.js'
import type { Consumer } from './consumer.js'
import { newEvent, type Envelope } from './event.js'
import { inbox } from './inbox.js'
import { positions, startOver } from './position.js'
import { startProjection } from './projection.js'
import { project } from './projector.js'
import { EVENTS_EXCHANGE, EVENT_STREAM, applyTopology, deadLetterQueueOf } from './topology.js'

const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent')
const PROJECTION = 'tallies'

// It counts, so an event that is applied twice, or never, is seen.
const tallies = defineCollection<{ _id: string; opened: number }>('tallies', {
  opened: { type: Number, required: true },
})
const tallyWallets = project(walletOpened, async (tx, { wallet_id }) => {
  const earlier = await tx.findOne(tallies, { _id: wallet_id })
  await tx.replace(tallies, { _id: wallet_id, opened: (earlier?.opened ?? 0) + 1 })
  if (wallet_id === 'impossible') throw new Error('This wallet cannot be counted')
})

let db: Connection
let rabbitmqUrl: string
let channel: ConfirmChannel
const cleanUps: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  const [database, virtualHost] = await Promise.all([
    freshDatabase(positions, tallies),
    freshVirtualHost(testServers()),
  ])
  const observer = await connect(virtualHost.url)
  db = database.db
  rabbitmqUrl = virtualHost.url
  channel = await observer.createConfirmChannel()
  cleanUps.push(database.close, virtualHost.remove, () => observer.close())
})
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const start = async (): Promise<Consumer> => {
  const broker = await connectBroker({ url: rabbitmqUrl, service: 'test', log })
  const projection = startProjection({ name: PROJECTION, projectors: [tallyWallets], db, broker, log })
  const stop = async () => {
    await projection.stop()
    await broker.close()
  }
  cleanUps.push(stop)
  return { stop }
}
const opened = (walletId: string): Envelope =>
  newEvent(walletOpened, walletId, { wallet_id: walletId, user_id: 'u1', currency: 'USD' })
const publish = (event: Envelope, times?: number) => publishEvent(rabbitmqUrl, event, times)
const publishAll = async (events: readonly Envelope[]): Promise<void> => {
  for (const event of events) channel.publish(EVENTS_EXCHANGE, 'wallet.opened.v1', Buffer.from(JSON.stringify(event)))
  await channel.waitForConfirms()
}
const wallets = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at.toString()}`)

const countWallets = async (): Promise<Record<string, number>> => {
  const rows = await readsOn(db).find(tallies, {})
  return Object.fromEntries(rows.map(({ _id, opened }) => [_id, opened]))
}
const eachOnce = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, 1]))
const expectCounted = (ids: readonly string[]) =>
  eventually(async () => expect(await countWallets()).toEqual(eachOnce(ids)), 45_000)
const position = () => readsOn(db).findOne(positions, { _id: PROJECTION })
const expectReadUpTo = (offset: number) => eventually(async () => expect(await position()).toMatchObject({ offset }))
const takeDeadLetter = (): Promise<GetMessage> =>
  eventually(async () => {
    const message = await channel.get(deadLetterQueueOf(EVENT_STREAM), { noAck: true })
    if (message === false) throw new Error('There are no dead letters')
    return message
  })

test('an event that is published five times is projected once', async () => {
  await start()
  await publish(opened('w1'), 5)
  await publish(opened('w2'))
  await expectReadUpTo(5)
  expect(await countWallets()).toEqual(eachOnce(['w1', 'w2']))
})

test('a projection that starts again goes on where it stood, and misses nothing that came meanwhile', async () => {
  const first = await start()
  const before = wallets('before', 100)
  await publishAll(before.map(opened))
  await expectCounted(before)
  await first.stop()
  const meanwhile = wallets('meanwhile', 100)
  await publishAll(meanwhile.map(opened))
  await start()
  await expectCounted([...before, ...meanwhile])
  expect(await position()).toMatchObject({ offset: 199 })
})

test('a message that cannot be read is put with the dead letters, and the projection goes on', async () => {
  await start()
  channel.publish(EVENTS_EXCHANGE, 'wallet.opened.v1', Buffer.from('{"half a mess'))
  await publish({ ...opened('w1'), data: { wallet_id: 7 } })
  await publish(opened('w2'))
  await expectCounted(['w2'])
  const garbage = await takeDeadLetter()
  expect(garbage.content.toString()).toBe('{"half a mess')
  expect(garbage.properties.headers).toMatchObject({
    'x-ch-error': 'PoisonMessage',
    'x-ch-reason': expect.stringContaining('not JSON'),
  })
  const breach = await takeDeadLetter()
  expect(breach.properties.headers?.['x-ch-reason']).toContain('breaks the contract countinghouse.wallet.opened.v1')
})

test('an event that fails each time leaves no trace but its dead letter, and holds up no other', async () => {
  await publishAll(['w1', 'impossible', 'w2'].map(opened))
  await start()
  await expectCounted(['w1', 'w2'])
  const letter = await takeDeadLetter()
  expect(letter.properties.headers).toMatchObject({ 'x-ch-reason': 'Error: This wallet cannot be counted' })
  await expectReadUpTo(2)
})

test('events of no concern are passed over and not read again', async () => {
  await start()
  await publishAll(wallets('user', 150).map((userId) => registrationOf(userId)))
  await publish({ ...registrationOf('u'), type: 'countinghouse.weather.changed.v1' })
  await expectReadUpTo(150)
  expect(await readsOn(db).count(inbox, {})).toBe(0)
})

test('a lost connection is opened again and no event is lost or counted twice', async () => {
  await start()
  const ids = wallets('w', 300)
  await publishAll(ids.slice(0, 150).map(opened))
  await closeConnections()
  await publishAll(ids.slice(150).map(opened))
  await expectCounted(ids)
})

test('two replicas project each event once', async () => {
  await Promise.all([start(), start()])
  const ids = wallets('w', 150)
  await publishAll(ids.map(opened))
  await publish(opened('last'), 3)
  await expectCounted([...ids, 'last'])
  await expectReadUpTo(152)
})

test('a stream that was made anew is read from its first event, while it is still shorter than the old one', async () => {
  await start()
  const old = wallets('old', 10)
  await publishAll(old.map(opened))
  await expectCounted(old)
  await replaceStream()
  await publish(opened('new1'))
  await expectCounted([...old, 'new1'])
  await publish(opened('new2'))
  await expectCounted([...old, 'new1', 'new2'])
  expect(await position()).toMatchObject({ offset: 1 })
})

test('a stream that was made anew is read from its first event, when it has outgrown the old one', async () => {
  const first = await start()
  const old = wallets('old', 10)
  await publishAll(old.map(opened))
  await expectCounted(old)
  await first.stop()
  await replaceStream()
  const others = wallets('new', 20)
  await publishAll(others.map(opened))
  await start()
  await expectCounted([...old, ...others])
})

test('a projection that is sent back while it runs begins again with the first event', async () => {
  await start()
  await publishAll(['w1', 'w2'].map(opened))
  await expectCounted(['w1', 'w2'])
  await inTransaction(db, async (tx) => {
    await tx.remove(tallies, {})
    await tx.remove(inbox, {})
    await startOver(tx, PROJECTION)
  })
  await publish(opened('w3'))
  await expectCounted(['w1', 'w2', 'w3'])
})

test('a projection that has projected all is not behind, however old the last event', async () => {
  await start()
  await publish({ ...opened('w1'), time: '2020-01-01T00:00:00.000Z' })
  await expectCounted(['w1'])
  await eventually(async () => {
    const metric = await registry.getSingleMetric('projection_lag_seconds')?.get()
    expect(metric?.values[0]?.value).toBeLessThan(1)
  })
})

const admin = async (method: string, path: string): Promise<Response> => {
  const { origin, username, password } = new URL(testServers().rabbitmqAdminUrl)
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  return fetch(`${origin}/api/${path}`, { method, headers: { authorization } })
}
const virtualHost = () => new URL(rabbitmqUrl).pathname.slice(1)

const closeConnections = () =>
  eventually(async () => {
    const list = await admin('GET', `vhosts/${virtualHost()}/connections`)
    const found = ((await list.json()) as { name: string; user_provided_name?: string }[]).filter(
      ({ user_provided_name }) => user_provided_name === 'test',
    )
    expect(found.length).toBeGreaterThan(0)
    for (const { name } of found) await admin('DELETE', `connections/${encodeURIComponent(name)}`)
  })

const replaceStream = async (): Promise<void> => {
  await channel.deleteQueue(EVENT_STREAM)
  await applyTopology({ adminUrl: testServers().rabbitmqAdminUrl, vhost: virtualHost() })
}
