import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { walletOpened } from '../contracts/wallet.js'
import { createLog } from '../log.js'
import { defineCollection } from '../mongo/collection.js'
import { inTransaction, readsOn, type Reads } from '../mongo/transaction.js'
import { freshDatabase } from '../testing/database.js'
import { eventually } from '../testing/eventually.js'
import { publishEvents } from '../testing/publish.js'
import { freshVirtualHost, testServers } from '../testing/servers.js'
import { connectBroker, type Broker } from './broker.js'
import { nextOf, standingOf } from './copy.js'
import { newEvent } from './event.js'
import { positions, startOver } from './position.js'
import { startProjection } from './projection.js'
import { project } from './projector.js'
import { rebuildProjection } from './rebuild.js'

const log = createLog('test', process.env['TEST_LOG_LEVEL'] ?? 'silent')
const PROJECTION = 'tallies'

// It counts, so an event that is applied twice, or never, is seen.
const tallies = defineCollection<{ _id: string; opened: number }>('tallies', {
  opened: { type: Number, required: true },
})
const tallyWallets = project(walletOpened, async (tx, { wallet_id }) => {
  const earlier = await tx.findOne(tallies, { _id: wallet_id })
  await tx.replace(tallies, { _id: wallet_id, opened: (earlier?.opened ?? 0) + 1 })
})

let db: Connection
let rabbitmqUrl: string
let broker: Broker
const cleanUps: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  const [database, virtualHost] = await Promise.all([
    freshDatabase(positions, tallies),
    freshVirtualHost(testServers()),
  ])
  db = database.db
  rabbitmqUrl = virtualHost.url
  broker = await connectBroker({ url: rabbitmqUrl, service: 'test', log })
  const projection = startProjection({ name: PROJECTION, projectors: [tallyWallets], db, broker, log })
  cleanUps.push(
    database.close,
    virtualHost.remove,
    () => broker.close(),
    () => projection.stop(),
  )
})
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const open = (...wallets: string[]) =>
  publishEvents(
    rabbitmqUrl,
    wallets.map((wallet) => newEvent(walletOpened, wallet, { wallet_id: wallet, user_id: 'u1', currency: 'USD' })),
  )

const rebuild = () =>
  rebuildProjection({
    name: PROJECTION,
    projectors: [tallyWallets],
    collections: [tallies],
    db,
    broker,
    log,
    graceMs: 0,
  })

const countsOf = async (reads: Reads) => {
  const rows = await reads.find(tallies, {}, { sort: { _id: 1 } })
  return Object.fromEntries(rows.map(({ _id, opened }) => [_id, opened]))
}

test('a projection is made anew while the old one serves, and equals it; the running reader goes on in the new one', async () => {
  await open('a', 'b', 'a', 'c')
  await eventually(async () => expect(await countsOf(readsOn(db))).toEqual({ a: 2, b: 1, c: 1 }))
  // What the old copy has wrong, the new one has not.
  await db.collection('tallies').insertOne({ _id: 'stray' as never, opened: 9 })
  await rebuild()
  const { reads, copy, asOf } = await standingOf(readsOn(db), PROJECTION)
  expect(await countsOf(reads)).toEqual({ a: 2, b: 1, c: 1 })
  expect({ copy, asOf }).toEqual({ copy: 2, asOf: expect.any(Date) })
  expect(await countsOf(readsOn(db))).toEqual({})
  await open('a')
  await eventually(async () => expect(await countsOf(reads)).toEqual({ a: 3, b: 1, c: 1 }))
  await rebuild()
  const again = await standingOf(readsOn(db), PROJECTION)
  expect([again.copy, await countsOf(again.reads)]).toEqual([3, { a: 3, b: 1, c: 1 }])
})

test('a rebuild that died leaves the old copy serving, and the next attempt begins with new collections', async () => {
  await open('a', 'b')
  await eventually(async () => expect(await countsOf(readsOn(db))).toEqual({ a: 1, b: 1 }))
  await inTransaction(db, (tx) => startOver(tx, nextOf(PROJECTION), 2))
  await db.collection('tallies~2').insertOne({ _id: 'half' as never, opened: 1 })
  await rebuild()
  const { reads, copy } = await standingOf(readsOn(db), PROJECTION)
  expect([copy, await countsOf(reads)]).toEqual([3, { a: 1, b: 1 }])
})
