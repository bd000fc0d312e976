import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { createLog } from '../log.js'
import { registry } from '../metrics.js'
import { eventually } from '../testing/eventually.js'
import { testServers, uniqueName } from '../testing/servers.js'
import { connectMongo } from './connect.js'

type Line = { message: string; shape: string; plan?: string; ms: number; collection: string }
const lines: Line[] = []
let db: Connection
beforeAll(async () => {
  const log = createLog('test', 'warn', { write: (line) => void lines.push(JSON.parse(line) as Line) })
  const options = { uri: testServers().mongodbUri, database: uniqueName('test'), service: 'test', log }
  db = await connectMongo({ ...options, slowMs: Number.MIN_VALUE })
  await db.collection('people').createIndex({ name: 1 }, { name: 'by_name' })
})
afterAll(async () => {
  await db.dropDatabase()
  await db.close()
})

const slow = () =>
  eventually(() => {
    const found = lines.find(({ message, plan }) => message === 'A slow command' && plan !== undefined)
    if (!found) throw new Error('nothing was slow yet')
    return found
  })

test('what takes too long is logged by its shape and its plan, without anybody’s data', async () => {
  const session = db.getClient().startSession()
  const due = { name: 'Jane Doe', $or: [{ born: { $lt: new Date() } }, { tags: { $in: ['a', 'b', 'c', 'd'] } }] }
  // So fast a command may come to no time at all.
  await eventually(async () => {
    await db
      .collection('people')
      .find(due, { session, sort: { born: -1 } })
      .toArray()
    expect(lines.some(({ collection }) => collection === 'people')).toBe(true)
  })
  await session.endSession()
  const { shape, plan } = await slow()
  expect(JSON.parse(shape)).toEqual({
    filter: { name: '<string>', $or: [{ born: { $lt: '<Date>' } }, { tags: { $in: ['<string>', '… 4 in all'] } }] },
    sort: { born: '<number>' },
  })
  expect(plan).toBe('SORT > FETCH > IXSCAN(by_name)')
  expect(JSON.stringify(lines)).not.toContain('Jane')
})

test('commands and the pool are measured', async () => {
  await db.collection('people').insertOne({ name: 'Joe' })
  await expect(db.collection('people').find({ $nonsense: 1 }).toArray()).rejects.toThrow()
  const text = await registry.metrics()
  for (const labels of [
    'command="find",outcome="ok"',
    'command="insert",outcome="ok"',
    'command="find",outcome="failed"',
  ])
    expect(text).toContain(`mongodb_command_duration_seconds_count{${labels}}`)
  expect(text).toMatch(/mongodb_pool_connections [1-9]/)
  await eventually(async () => expect(await registry.metrics()).toMatch(/mongodb_pool_checked_out 0/))
})
