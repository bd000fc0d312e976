import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freshDatabase } from '../testing/database.js'
import { defineCollection } from './collection.js'
import { isDueBy, isOneOf, isText, isTextBetween, where } from './partial.js'
import { native } from './transaction.js'

type Letter = { _id: string; key: string | null; dueAt: Date | null }
const letters = defineCollection<Letter>(
  'letters',
  { key: String, dueAt: Date },
  {
    indexes: [
      { fields: { key: 1 }, options: { unique: true, ...where('key', 'string') } },
      { fields: { dueAt: 1 }, options: where('dueAt', 'date') },
    ],
  },
)

let house: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  house = await freshDatabase(letters)
})
afterAll(() => house.close())

test.each([
  ['is a text', { key: isText('a') }],
  ['is one of some', { key: isOneOf(['a', 'b']) }],
  ['begins with a text', { key: isTextBetween('a', 'b') }],
  ['is due', { dueAt: isDueBy(new Date()) }],
])('what asks whether a field %s is answered from the index over the documents that have it', async (_, filter) => {
  const { queryPlanner } = await native(house.db, letters).find(filter).explain()
  expect(JSON.stringify(queryPlanner.winningPlan)).toMatch(/IXSCAN/)
  expect(JSON.stringify(queryPlanner.winningPlan)).not.toMatch(/COLLSCAN/)
})
