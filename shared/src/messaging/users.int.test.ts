import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { connect, type Channel, type ChannelModel } from 'amqplib'
import { freshVirtualHost, testServers, type TestVirtualHost } from '../testing/servers.js'
import { brokerPermissions } from './users.js'

const permissions = brokerPermissions()

test('no service may declare anything, and each reads nothing but what is its own', () => {
  const readersOf = (queue: string) =>
    Object.keys(permissions).filter((service) => new RegExp(permissions[service]?.read ?? '').test(queue))
  for (const { configure } of Object.values(permissions)) expect(configure).toBe('^$')
  expect(readersOf('wallet.loan-events')).toEqual(['wallet-service'])
  expect(readersOf('loan.wallet-events.dlq')).toEqual(['loan-service'])
  expect(readersOf('reporting.events')).toEqual(['reporting-service'])
  for (const queue of ['wallets.loan-events', 'xwallet.loan-events', 'wallet', 'ch.unrouted'])
    expect(readersOf(queue)).toEqual([])
})

test('every service announces events, and only one that takes events puts some aside', () => {
  const mayWrite = (service: string, exchange: string) => new RegExp(permissions[service]?.write ?? '').test(exchange)
  for (const service of Object.keys(permissions)) {
    expect(mayWrite(service, 'ch.events')).toBe(true)
    for (const exchange of ['', 'amq.default', 'amq.topic', 'ch.unrouted', 'ch-events', 'ch.events2'])
      expect(mayWrite(service, exchange)).toBe(false)
  }
  expect(['wallet-service', 'auth-service'].map((service) => mayWrite(service, 'ch.retry'))).toEqual([true, false])
})

describe('a service under its own user', () => {
  let virtualHost: TestVirtualHost
  let connection: ChannelModel
  beforeAll(async () => {
    virtualHost = await freshVirtualHost(testServers())
    connection = await connect(await virtualHost.urlOf('loan-service'), { noDelay: true })
  })
  afterAll(async () => {
    await connection.close()
    await virtualHost.remove()
  })

  const attempt = async (act: (channel: Channel) => Promise<unknown>): Promise<string> => {
    const channel = await connection.createConfirmChannel()
    const refused = new Promise<string>((resolve) => channel.once('error', (error: Error) => resolve(error.message)))
    const done = act(channel).then(
      async () => {
        await channel.waitForConfirms()
        await channel.close()
        return 'done'
      },
      () => refused,
    )
    return Promise.race([done, refused])
  }
  const event = Buffer.from('{}')

  test('sees that what it needs is there, takes from its own queue and announces', async () => {
    expect(await attempt((channel) => channel.checkExchange('ch.events'))).toBe('done')
    expect(await attempt((channel) => channel.checkQueue('loan.wallet-events'))).toBe('done')
    expect(await attempt((channel) => channel.consume('loan.wallet-events', () => undefined))).toBe('done')
    for (const exchange of ['ch.events', 'ch.retry', 'ch.dlx'])
      expect(await attempt(async (channel) => channel.publish(exchange, 'x', event))).toBe('done')
  })

  const misuses: [string, (channel: Channel) => Promise<unknown>][] = [
    ['declare a queue', (channel) => channel.assertQueue('loan.mine')],
    ['declare an exchange', (channel) => channel.assertExchange('loan.mine', 'topic')],
    ['bind its queue to more', (channel) => channel.bindQueue('loan.wallet-events', 'ch.events', '#')],
    ['delete its queue', (channel) => channel.deleteQueue('loan.wallet-events')],
    ['read another’s queue', (channel) => channel.consume('wallet.loan-events', () => undefined)],
    ['empty another’s queue', (channel) => channel.purgeQueue('wallet.loan-events')],
    ['read the stream of all events', (channel) => channel.get('reporting.events')],
    ['write into another’s queue', async (channel) => channel.publish('', 'wallet.loan-events', event)],
  ]
  test.each(misuses)('cannot %s', async (_misuse, act) => {
    expect(await attempt(act)).toContain('ACCESS_REFUSED')
  })
})
