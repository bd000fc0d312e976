import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { createLog } from '../log.js'
import { freshDatabase } from '../testing/database.js'
import { eventually } from '../testing/eventually.js'
import { defineCollection, ensureCollections } from './collection.js'
import { acquireLease } from './lease.js'
import { migrate, type Migration } from './migrations.js'
import { inTransaction, native, readsOn } from './transaction.js'

type Parcel = { _id: string; status: 'packed' | 'sent'; weightGrams: bigint; note: string | null; version: number }

const parcels = defineCollection<Parcel>('parcels', {
  status: { type: String, enum: ['packed', 'sent'], required: true },
  weightGrams: { type: BigInt, required: true },
  note: String,
  version: { type: Number, required: true },
})
const parcel = (id: string, fields: Partial<Parcel> = {}): Parcel => ({
  _id: id,
  status: 'packed',
  weightGrams: 9_007_199_254_740_993n,
  note: null,
  version: 1,
  ...fields,
})

let db: Connection
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(parcels))
})
afterAll(() => close())

test('whole numbers beyond a double are stored and read exactly', async () => {
  await inTransaction(db, (tx) => tx.insert(parcels, parcel('big')))
  expect(await readsOn(db).findOne(parcels, { _id: 'big' })).toEqual(parcel('big'))
})

test('what fails in a transaction leaves no trace of it', async () => {
  const failing = inTransaction(db, async (tx) => {
    await tx.insert(parcels, parcel('lost'))
    throw new Error('half way')
  })
  await expect(failing).rejects.toThrow('half way')
  expect(await readsOn(db).findOne(parcels, { _id: 'lost' })).toBeUndefined()
})

test('twenty transactions that meet on one document all take effect, one after another', async () => {
  await inTransaction(db, (tx) => tx.insert(parcels, parcel('hot', { version: 0 })))
  const increment = () =>
    inTransaction(db, async (tx) => {
      const found = await tx.findOne(parcels, { _id: 'hot' })
      await tx.replace(parcels, parcel('hot', { version: (found?.version ?? 0) + 1 }))
    })
  await Promise.all(Array.from({ length: 20 }, increment))
  expect(await readsOn(db).findOne(parcels, { _id: 'hot' })).toMatchObject({ version: 20 })
})

test('a status that is not in the list is refused by the database itself', async () => {
  const wrong = parcel('wrong', { status: 'eaten' as never })
  await expect(native(db, parcels).insertOne(wrong)).rejects.toThrow('Document failed validation')
  await expect(
    inTransaction(db, (tx) => tx.insert(parcels, { ...parcel('more'), colour: 'red' } as Parcel)),
  ).rejects.toThrow('colour')
})

test('bringing collections up to date is safe to repeat, and a changed rule comes into force', async () => {
  await ensureCollections(db, [parcels])
  const stricter = { ...parcels, invariants: [{ $lte: ['$version', 1000] }] }
  await ensureCollections(db, [stricter])
  await expect(native(db, parcels).insertOne(parcel('late', { version: 1001 }))).rejects.toThrow(
    'Document failed validation',
  )
})

test('of many who want a lease one gets it, and the next only when it is released or has run out', async () => {
  const wanted = await Promise.all(Array.from({ length: 10 }, () => acquireLease(db, 'nightly', 60_000)))
  const [held, ...others] = wanted.filter((lease) => lease !== undefined)
  expect(others).toEqual([])
  expect(await held?.renew()).toBe(true)
  await held?.release()
  expect(await acquireLease(db, 'nightly', 1)).toBeDefined()
  const taken = await eventually(async () => {
    const lease = await acquireLease(db, 'nightly', 60_000)
    if (!lease) throw new Error('still held')
    return lease
  })
  expect(await taken.renew()).toBe(true)
})

test('migrations run once and in order, though three replicas start at the same moment', async () => {
  const ran: string[] = []
  const step = (id: string): Migration => ({ id, up: () => Promise.resolve(void ran.push(id)) })
  const log = createLog('test', 'silent')
  const migrations = [step('0001-first'), step('0002-second')]
  await Promise.all([1, 2, 3].map(() => migrate(db, migrations, log)))
  await migrate(db, [...migrations, step('0003-third')], log)
  expect(ran).toEqual(['0001-first', '0002-second', '0003-third'])
  await expect(migrate(db, [step('0002-b'), step('0001-a')], log)).rejects.toThrow('not in order')
})

test('the collections of a migration are there before the rest of it', async () => {
  const crates = defineCollection<Parcel>('crates', { status: { type: String, required: true } })
  const seen: boolean[] = []
  const up = async () => void seen.push(...(await db.listCollections()).map(({ name }) => name === 'crates'))
  await migrate(db, [{ id: '0004-crates', collections: [crates], up }], createLog('test', 'silent'))
  expect(seen).toContain(true)
})
