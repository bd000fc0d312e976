import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mongo } from 'mongoose'
import { findMongod, startMongod } from './mongod.js'

let dataDir = ''
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'countinghouse-mongod-'))
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const inTransaction = async (
  url: string,
  work: (counters: mongo.Collection, session: mongo.ClientSession) => Promise<unknown>,
) => {
  const client = await mongo.MongoClient.connect(url)
  try {
    return await client.withSession((session) =>
      session.withTransaction(() => work(client.db('kept').collection('counters'), session)),
    )
  } finally {
    await client.close()
  }
}

test('data and transactions survive a restart on another port', async () => {
  const mongod = await findMongod(dataDir)
  // With Docker or an address in the environment there need be no mongod here to restart.
  if (!mongod) return
  const options = { dataDir, purpose: 'start', say: () => undefined } as const
  const first = await startMongod(mongod, options)
  await inTransaction(first.url, (counters, session) => counters.insertOne({ count: 1 }, { session }))
  await first.stop()

  const stranger = createServer((socket) => socket.destroy()).listen(Number(new URL(first.url).port), '127.0.0.1')
  await once(stranger, 'listening')
  const second = await startMongod(mongod, options)
  try {
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port)
    const kept = await inTransaction(second.url, (counters, session) => counters.findOne({}, { session }))
    expect(kept).toMatchObject({ count: 1 })
  } finally {
    await second.stop()
    stranger.close()
  }
})
