import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connect, type ChannelModel } from 'amqplib'
import { createLog } from '../log.js'
import { eventually } from '../testing/eventually.js'
import { freshVirtualHost, testServers } from '../testing/servers.js'
import { connectBroker } from './broker.js'
import { applyTopology } from './topology.js'

const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent')

let virtualHost: Awaited<ReturnType<typeof freshVirtualHost>>
let observer: ChannelModel
beforeAll(async () => {
  virtualHost = await freshVirtualHost(testServers())
  observer = await connect(virtualHost.url)
})
afterAll(async () => {
  await observer.close()
  await virtualHost.remove()
})

test('a channel that needs a queue which is not there yet is opened when it is', async () => {
  const broker = await connectBroker({ url: virtualHost.url, service: 'test', log })
  let tries = 0
  broker.keepChannel('late', async (channel) => {
    tries += 1
    await channel.checkQueue('late')
  })
  await eventually(() => expect(tries).toBeGreaterThan(1))
  expect(broker.isReady()).toBe(false)
  const channel = await observer.createChannel()
  await channel.assertQueue('late', { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await eventually(() => expect(broker.isReady()).toBe(true))
  await broker.close()
})

test('a channel whose opening fails is closed before the next is tried', async () => {
  const broker = await connectBroker({ url: virtualHost.url, service: 'test', log })
  const closed: number[] = []
  let tries = 0
  broker.keepChannel('failing', (channel) => {
    const attempt = (tries += 1)
    channel.on('close', () => closed.push(attempt))
    return attempt < 3 ? Promise.reject(new Error('MongoDB is away')) : Promise.resolve()
  })
  await eventually(() => expect(broker.isReady()).toBe(true))
  expect(closed).toEqual([1, 2])
  await broker.close()
})

test('a queue that no longer takes an event is no longer given it', async () => {
  const { rabbitmqAdminUrl: adminUrl } = testServers()
  const vhost = decodeURIComponent(new URL(virtualHost.url).pathname.slice(1))
  const channel = await observer.createChannel()
  await channel.bindQueue('wallet.loan-events', 'ch.events', 'loan.retired.v1')
  await applyTopology({ adminUrl, vhost })
  channel.publish('ch.events', 'loan.retired.v1', Buffer.from('{}'), { persistent: true })
  channel.publish('ch.events', 'loan.approved.v1', Buffer.from('{}'), { messageId: 'wanted' })
  await eventually(async () => {
    expect(await channel.get('wallet.loan-events', { noAck: true })).toMatchObject({
      properties: { messageId: 'wanted' },
    })
  })
})
