import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mongo } from 'mongoose'
import { inTransaction } from '../mongo/transaction.js'
import { freshDatabase } from '../testing/database.js'
import { registrationOf } from '../testing/events.js'
import { freshVirtualHost, testServers, type TestVirtualHost } from '../testing/servers.js'
import { connect } from 'amqplib'
import type { Envelope } from './event.js'
import { addToOutbox, outbox } from './outbox.js'
import { readStream } from './stream.js'
import { refillStream } from './refill.js'

let databases: Awaited<ReturnType<typeof freshDatabase>>[]
let host: TestVirtualHost
const client = new mongo.MongoClient(testServers().mongodbUri)
beforeAll(async () => {
  databases = [await freshDatabase(), await freshDatabase()]
  host = await freshVirtualHost(testServers())
})
afterAll(async () => {
  await client.close()
  for (const { close } of databases) await close()
  await host.remove()
})

const announce = async (service: number, event: Envelope, isPublished = true) => {
  const db = databases[service]?.db
  if (!db) throw new Error('no such database')
  await inTransaction(db, (tx) => addToOutbox(tx, event))
  if (isPublished) await db.collection(outbox.name).updateOne({ _id: event.id as never }, { $set: { publishedAt: new Date() } }) // prettier-ignore
}
const refill = () => refillStream({ client, databases: databases.map(({ db }) => db.name), rabbitmqUrl: host.url })
const subjects = async (count: number): Promise<string[]> => {
  const connection = await connect(host.url)
  const reader = await readStream(await connection.createConfirmChannel(), 'first')
  const found: string[] = []
  while (found.length < count) {
    const messages = await reader.next()
    found.push(...messages.map(({ content }) => (JSON.parse(content.toString()) as Envelope).subject))
    reader.settle(messages)
  }
  await connection.close()
  return found
}

test('an empty stream gets the published events of all services in their order, and each once', async () => {
  for (const [service, name] of [[0, 'a'], [1, 'b'], [0, 'c'], [1, 'd']] as const) await announce(service, registrationOf(name)) // prettier-ignore
  await announce(0, registrationOf('still waits'), false)
  expect(await refill()).toBe(4)
  await announce(1, registrationOf('e'))
  expect(await refill()).toBe(1)
  expect(await subjects(5)).toEqual(['a', 'b', 'c', 'd', 'e'])
})
