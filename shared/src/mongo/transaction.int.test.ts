import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { createLog } from '../log.js'
import { freshDatabase } from '../testing/database.js'
import { openPassage, type Passage } from '../testing/forward.js'
import { testServers } from '../testing/servers.js'
import { defineCollection } from './collection.js'
import { connectMongo } from './connect.js'
import { inTransaction, readsOn, type Tx } from './transaction.js'

type Counter = { _id: string; count: number; text: string }
const counters = defineCollection<Counter>('counters', {
  count: { type: Number, required: true },
  text: { type: String, required: true },
})

let [house, network]: [Awaited<ReturnType<typeof freshDatabase>>, Passage] = [] as never
let db: Connection
beforeAll(async () => {
  house = await freshDatabase(counters)
  const { mongodbUri } = testServers()
  network = await openPassage(Number(new URL(mongodbUri).port))
  const uri = mongodbUri.replace(/:\d+\//, `:${network.port.toString()}/`)
  db = await connectMongo({ uri, database: house.db.name, service: 'test', log: createLog('test', 'silent') })
})
afterAll(async () => {
  await db.close()
  await network.close()
  await house.close()
})

// Longer than what a socket takes at once, so that the connection breaks while it is written.
const LONG = 'x'.repeat(8_000_000)
const countOne = (tx: Tx, id: string, text = '') =>
  tx.update(counters, { _id: id }, { $inc: { count: 1 }, $set: { text } })
const connectionsBreak = () => setImmediate(() => network.reset())

/** What happens the first time; a second time nothing breaks. */
const breaks: Record<string, (tx: Tx, id: string) => Promise<unknown>> = {
  'between two statements': async (tx, id) => {
    network.reset()
    await tx.findOne(counters, { _id: id })
    await countOne(tx, id)
  },
  'while a statement is written': async (tx, id) => {
    connectionsBreak()
    await countOne(tx, id, LONG)
  },
  'while several statements are written': async (tx, id) => {
    connectionsBreak()
    const [by, fixed] = [{ count: 1 }, { text: LONG }]
    await tx.add(
      counters,
      [id, `${id} too`].map((_id) => ({ _id, by, fixed })),
    )
  },
  'before the commit': async (tx, id) => {
    await countOne(tx, id)
    network.reset()
  },
  'while the commit is written': async (tx, id) => {
    await countOne(tx, id)
    connectionsBreak()
  },
}

test.each(Object.keys(breaks))('a connection that is lost %s: the work takes effect, and once', async (when) => {
  await inTransaction(db, (tx) => tx.insert(counters, { _id: when, count: 0, text: '-' }))
  let attempts = 0
  await inTransaction(db, async (tx) => (++attempts === 1 ? breaks[when]?.(tx, when) : countOne(tx, when)))
  expect(await readsOn(house.db).findOne(counters, { _id: when })).toMatchObject({ count: 1 })
})

test('connections that are lost again and again: all that competes takes effect, and once', async () => {
  await inTransaction(db, (tx) => tx.insert(counters, { _id: 'hot', count: 0, text: '-' }))
  const work = Promise.all(
    Array.from({ length: 8 }, () => inTransaction(db, (tx) => countOne(tx, 'hot', LONG.slice(0, 200_000)))),
  )
  for (let times = 0; times < 5; times += 1) {
    connectionsBreak()
    await readsOn(house.db).findOne(counters, { _id: 'hot' })
  }
  await work
  expect(await readsOn(house.db).findOne(counters, { _id: 'hot' })).toMatchObject({ count: 8 })
})
