import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { freshDatabase } from '../testing/database.js'
import { defineCollection } from './collection.js'
import { readsTogether } from './together.js'
import { inTransaction, native } from './transaction.js'

type Box = { _id: string; label: string }
const boxes = defineCollection<Box>('boxes', { label: { type: String, required: true } })

let db: Connection
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(boxes))
  await inTransaction(db, (tx) => tx.insert(boxes, { _id: 'a', label: 'A' }, { _id: 'b', label: 'B' }))
})
afterAll(() => close())

/** How many questions of a kind about boxes MongoDB is asked meanwhile. */
const asking = async (ask: () => Promise<unknown>, kind: object): Promise<number> => {
  const seen = () => db.collection('system.profile').countDocuments({ ns: /\.boxes$/, ...kind })
  const before = await seen()
  await db.db?.command({ profile: 2 })
  await ask()
  await db.db?.command({ profile: 0 })
  return (await seen()) - before
}
const questions = (ask: () => Promise<unknown>) => asking(ask, { op: 'query' })
const counts = (ask: () => Promise<unknown>) => asking(ask, { op: 'command', 'command.aggregate': 'boxes' })

test('many who ask for documents at once get theirs by a few questions', async () => {
  const reads = readsTogether(db)
  const answers = Array.from({ length: 60 }, (_, index) => ['a', 'b', 'none'][index % 3] ?? '')
  const asked = await questions(async () => {
    const found = await Promise.all(answers.map((_id) => reads.findOne(boxes, { _id })))
    expect(found.map((box) => box?.label)).toEqual(answers.map((id) => ({ a: 'A', b: 'B' })[id]))
  })
  expect(asked).toBeLessThanOrEqual(2)
})

test('several by their ids come without those that are not there, and each but once', async () => {
  const found = await readsTogether(db).find(boxes, { _id: { $in: ['b', 'a', 'none', 'b'] } })
  expect(found.map(({ label }) => label).sort()).toEqual(['A', 'B'])
})

test('many who count the same at once share a few counts, and what is counted later is newer', async () => {
  const reads = readsTogether(db)
  const labelled = (label: string) => reads.count(boxes, { label })
  const asked = await counts(async () => {
    const found = await Promise.all(Array.from({ length: 60 }, (_, index) => labelled(['B', 'none'][index % 2] ?? '')))
    expect(found.filter((total) => total === 1)).toHaveLength(30)
  })
  expect(asked).toBeLessThanOrEqual(4)
  const early = labelled('C')
  await inTransaction(db, (tx) => tx.insert(boxes, { _id: 'c', label: 'C' }))
  expect(await labelled('C')).toBe(1)
  await early
  await native(db, boxes).deleteOne({ _id: 'c' })
})

test('whoever asks sees what was committed before', async () => {
  const reads = readsTogether(db)
  const early = reads.findOne(boxes, { _id: 'a' })
  await native(db, boxes).updateOne({ _id: 'a' }, { $set: { label: 'changed' } })
  expect(await reads.findOne(boxes, { _id: 'a' })).toMatchObject({ label: 'changed' })
  await early
})

test('other questions are asked as they are', async () => {
  const reads = readsTogether(db)
  expect(await reads.findOne(boxes, { _id: 'b', label: 'A' })).toBeUndefined()
  expect(await reads.find(boxes, { label: 'B' })).toHaveLength(1)
  expect(await reads.find(boxes, { _id: { $in: ['a', 'b'] } }, { sort: { _id: -1 }, limit: 1 })).toMatchObject([
    { _id: 'b' },
  ])
  expect(await reads.count(boxes, {})).toBe(2)
})
