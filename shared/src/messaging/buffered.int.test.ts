import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { defineCollection } from '../mongo/collection.js'
import { inTransaction, readsOn, type Tx } from '../mongo/transaction.js'
import { freshDatabase } from '../testing/database.js'
import { randomFrom } from '../testing/random.js'
import { buffered } from './buffered.js'

type Tally = { _id: string; count: number; note?: string }
const define = (name: string) =>
  defineCollection<Tally>(name, { count: { type: Number, required: true }, note: { type: String } })
const [direct, waiting] = [define('direct'), define('waiting')]

let db: Connection
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(direct, waiting))
})
afterAll(() => close())

/** Does random work on one of two collections; answers all that was read on the way. */
const work = async (tx: Tx, into: typeof direct, seed: number): Promise<unknown[]> => {
  const random = randomFrom(seed)
  const seen: unknown[] = []
  for (let step = 0; step < 60; step += 1) {
    const [_id, count] = [`d${Math.floor(random() * 4)}`, step]
    const kind = Math.floor(random() * 7)
    if (kind === 0) await tx.replace(into, { _id, count })
    if (kind === 1) seen.push(await tx.insertIfAbsent(into, { _id, count }))
    if (kind === 2) await tx.add(into, [{ _id, by: { count: 2 }, fixed: { note: 'added' } }])
    if (kind === 3) seen.push(await tx.findOne(into, { _id }))
    if (kind === 4) seen.push(await tx.find(into, { count: { $gt: 10 } }, { sort: { _id: 1 } }))
    if (kind === 5) seen.push(await tx.update(into, { _id }, { $set: { note: 'changed' } }))
    if (kind === 6 && step % 5 === 0) seen.push(await tx.remove(into, { _id }))
  }
  return seen
}

test('law: writes that wait are read as if they had been made, and come to the same', async () => {
  for (let seed = 1; seed <= 15; seed += 1) {
    const at = await inTransaction(db, (tx) => work(tx, direct, seed))
    const later = await inTransaction(db, async (tx) => {
      const waits = buffered(tx, (into) => into)
      const seen = await work(waits.tx, waiting, seed)
      await waits.flush()
      return seen
    })
    expect(later).toEqual(at)
    const all = (from: typeof direct) => readsOn(db).find(from, {}, { sort: { _id: 1 } })
    expect(await all(waiting)).toEqual(await all(direct))
  }
})
