import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { createCalendar, type Day } from '../calendar.js'
import { createLog } from '../log.js'
import { freshDatabase } from '../testing/database.js'
import { catchUp, nights, type Nightly } from './nightly.js'
import { native } from './transaction.js'

const going = new AbortController().signal
let db: Connection
let close: () => Promise<void>
let done: Day[]
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(nights))
})
afterAll(() => close())
beforeEach(async () => {
  done = []
  await native(db, nights).deleteMany({})
})

const nightly = (at: string, more: Partial<Nightly> = {}): Nightly => ({
  ...{ db, log: createLog('test', 'silent'), now: () => new Date(at), work: 'accrual', at: '02:00', missed: 'each' },
  calendar: createCalendar({ zone: 'Asia/Kolkata' }),
  run: async (day) => void done.push(day),
  ...more,
})
const look = (at: string, more?: Partial<Nightly>) => catchUp(nightly(at, more), going)

test('a night’s work is due when the clocks of the business say so, and is done once', async () => {
  expect(await look('2026-11-20T20:29:59Z')).toEqual(['2026-11-20'])
  expect(await look('2026-11-20T20:29:59Z')).toEqual([])
  expect(await look('2026-11-20T20:30:00Z')).toEqual(['2026-11-21'])
  expect(await look('2026-11-21T20:29:59Z')).toEqual([])
})

test('of several replicas one does it', async () => {
  const looks = await Promise.all(Array.from({ length: 4 }, () => look('2026-11-21T01:00:00Z')))
  expect(looks.flat()).toEqual(['2026-11-21'])
  expect(done).toEqual(['2026-11-21'])
})

test('nights without a running service are caught up with, each in its turn or the last alone', async () => {
  await look('2026-11-21T01:00:00Z')
  expect(await look('2026-11-24T01:00:00Z')).toEqual(['2026-11-22', '2026-11-23', '2026-11-24'])
  expect(await look('2026-11-27T01:00:00Z', { missed: 'last' })).toEqual(['2026-11-27'])
})

test('a night that fails stays due, and holds up those after it', async () => {
  await look('2026-11-21T01:00:00Z')
  const failing: Nightly['run'] = async (day) => {
    if (day === '2026-11-23') throw new Error('no')
    done.push(day)
  }
  await expect(look('2026-11-24T01:00:00Z', { run: failing })).rejects.toThrow('no')
  expect(await look('2026-11-24T01:00:00Z')).toEqual(['2026-11-23', '2026-11-24'])
  expect(done).toEqual(['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'])
})

test('a night that the process leaves unfinished is done by the next', async () => {
  const stopping = new AbortController()
  const at = '2026-11-21T01:00:00Z'
  expect(await catchUp(nightly(at, { run: async () => stopping.abort() }), stopping.signal)).toEqual([])
  expect(await look(at)).toEqual(['2026-11-21'])
})
