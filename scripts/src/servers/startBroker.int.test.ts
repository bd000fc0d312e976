import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connect, type ConfirmChannel } from 'amqplib'
import { startBroker } from './startBroker.js'

let dataDir = ''
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-broker-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const withChannel = async <T>(url: string, work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
  const connection = await connect(url)
  try {
    return await work(await connection.createConfirmChannel())
  } finally {
    await connection.close()
  }
}

const send = (url: string, text: string) =>
  withChannel(url, async (channel) => {
    await channel.assertQueue('kept', { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    channel.sendToQueue('kept', Buffer.from(text), { persistent: true })
    await channel.waitForConfirms()
  })

const receive = (url: string) =>
  withChannel(url, async (channel) => {
    const message = await channel.get('kept', { noAck: true })
    return message && message.content.toString()
  })

test('a broker comes back on the same port with its messages, stopped or killed', async () => {
  const broker = await startBroker({ dataDir, say: () => undefined })
  try {
    await send(broker.url, 'before the stop')
    await broker.stop()
    await expect(connect(broker.url)).rejects.toThrow()
    await broker.start()
    expect(await receive(broker.url)).toBe('before the stop')

    await send(broker.url, 'before the kill')
    await broker.kill()
    await broker.start()
    expect(await receive(broker.url)).toBe('before the kill')
  } finally {
    await broker.close()
  }
}, 120_000)
