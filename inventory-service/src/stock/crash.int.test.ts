import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { stockChanged } from '@countinghouse/shared/contracts/inventory'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { defineCollection, ensureCollections } from '@countinghouse/shared/mongo/collection'
import { insertion } from '@countinghouse/shared/mongo/companion'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { randomFrom } from '@countinghouse/shared/testing/random'
import type { Connection } from 'mongoose'
import { checkStock } from '../selfCheck/commands.js'
import { addItems, addWarehouse, freshStock, issue, receipt, step } from '../testing/stock.js'
import { costOf, type StockLine } from './domain/stock.js'
import { expireBatch } from './expiry.js'
import type { StockRequest } from './group.js'
import { createStock, type Stock } from './stock.js'
import { moves, reservations, stocks } from './store.js'

const SEEDS = Number(process.env['SEEDS'] ?? 2)
const CLIENTS = 6
const DOCUMENTS = 90
const ITEMS = ['one', 'two', 'three']

const documents = defineCollection<{ _id: string; cause: string }>('documents', { cause: { type: String } })

let db: Connection
let close: () => Promise<void>
const open = () => createStock({ db, now: () => new Date(), currency: 'USD' })
beforeAll(async () => {
  ;({ db, close } = await freshStock())
  await ensureCollections(db, [documents])
  await addWarehouse(db, 'north')
})
afterEach(() => {
  watchFaultPoints(undefined)
})
afterAll(() => close())

class Crash extends Error {}
const crashedAt = new Set<string>()

const crashAtRandom = (random: () => number): void => {
  watchFaultPoints((name) => {
    if (!name.startsWith('stock:') || random() >= 0.08) return
    crashedAt.add(name)
    throw new Crash(name)
  })
}

type Answer = 'done' | 'refused'

/** A client that asks again until it is answered; each crash leaves a process without memory. */
const client = () => {
  let stock = open()
  return async (request: StockRequest): Promise<Answer> => {
    for (;;) {
      const asked = stock
      try {
        await asked.submit(request)
        return 'done'
      } catch (error) {
        const code = (error as { code?: string }).code ?? ''
        if (code === 'already_posted') return 'done'
        if (code === 'insufficient_stock') return 'refused'
        if (!(error instanceof Crash)) throw error
        if (stock === asked) stock = open()
      }
    }
  }
}

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'seed %i: whatever crashes in two processes, each document moves its goods once, and everything adds up',
  async (seed) => {
    const random = randomFrom(seed)
    const below = (max: number) => Math.floor(random() * max)
    const day = `2026-11-${(10 + seed).toString()}`
    const items = ITEMS.map((item) => `${item}-${seed.toString()}`)
    await addItems(db, items, seed % 2 ? 'fifo' : 'average')
    const linesOf = (): StockLine[] => {
      const at = { itemId: items[below(items.length)] ?? '', quantity: 1 + below(30) }
      const there = { ...at, warehouseId: 'north' }
      switch (below(5)) {
        case 0:
        case 1:
          return [receipt(at, BigInt(below(5000))), receipt({ ...at, quantity: 3 }, 7n)]
        case 2:
          return [issue(at), receipt(there, 0n)]
        default:
          return [issue(at), issue({ ...at, quantity: 1 })]
      }
    }
    const requests = Array.from({ length: DOCUMENTS }, (_, index): StockRequest => {
      const id = `${seed.toString()}-${index.toString()}`
      return step(linesOf(), {
        cause: { kind: 'test', id, step: 'done' },
        series: { prefix: 'TT', day },
        companions: ({ number = '' }) => [insertion(documents, { _id: number, cause: id }, () => new Error('twice'))],
      })
    })
    crashAtRandom(random)
    const processes = [client(), client()]
    const answers: Answer[] = []
    const work = async (first: number): Promise<void> => {
      for (let index = first; index < DOCUMENTS; index += CLIENTS)
        answers[index] = (await processes[index % 2]?.(requests[index] as StockRequest)) ?? 'refused'
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, first) => work(first)))
    watchFaultPoints(undefined)

    const reads = readsOn(db)
    for (const [index, { cause, lines }] of requests.entries()) {
      const posted = answers[index] === 'done'
      expect(await reads.count(moves, { 'cause.id': cause.id })).toBe(posted ? lines.length : 0)
      expect(await reads.count(documents, { cause: cause.id })).toBe(posted ? 1 : 0)
    }
    const checked = await checkStock({ db, numbered: [{ prefix: 'TT', collection: documents }] })
    expect(checked).toMatchObject({ problems: [], unsettled: 0, series: seed })
    const moved = await reads.find(moves, { itemId: { $in: items } })
    const kept = (await reads.find(stocks, { _id: { $in: items } })).flatMap(({ levels }) => levels)
    const received = moved.reduce((sum, { valueMinor }) => (valueMinor > 0n ? sum + valueMinor : sum), 0n)
    expect(costOf(moved) + kept.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)).toBe(received)
    const announcedMoves = (await announced(db, stockChanged))
      .filter(({ subject }) => items.includes(subject))
      .flatMap(({ data }) => (data as { moves: unknown[] }).moves)
    expect(announcedMoves).toHaveLength(moved.length)
  },
)

test('the seeds have crashed between every two steps', () => {
  const steps = ['levels-saved', 'layers-saved', 'companions-written', 'before-commit', 'committed']
  expect([...crashedAt].sort()).toEqual(steps.map((name) => `stock:${name}`).sort())
})

test('what is kept either serves its document or is let go of, whoever comes first, in two processes', async () => {
  await addItems(db, ['raced'])
  const [stock, other] = [open(), open()]
  const expiresAt = new Date(Date.now() - 1)
  await stock.submit(step([receipt({ itemId: 'raced', quantity: 40 }, 400n)]))
  const order = (index: number, name: string) => ({ cause: { kind: 'order', id: `o${index.toString()}`, step: name } })
  const spot = { itemId: 'raced', warehouseId: 'main' }
  const all = Array.from({ length: 20 }, (_, index) => index)
  for (const index of all)
    await stock.submit(step([{ kind: 'reserve', ...spot, quantity: 2, expiresAt }], order(index, 'placed')))
  const consume = (from: Stock, index: number) =>
    from
      .submit(
        step([{ kind: 'issue', type: 'issue', ...spot, quantity: 2, fromReserved: true }], order(index, 'shipped')),
      )
      .then(() => 1)
      .catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'reservation_gone' })
        return 0
      })
  const sweep = expireBatch({ db, now: () => new Date(), submit: (request) => other.submit(request) })
  const consumed = (await Promise.all(all.map((index) => consume(stock, index)))).reduce<number>(
    (sum, one) => sum + one,
    0,
  )
  await sweep
  const ended = await readsOn(db).find(reservations, { itemId: 'raced' })
  expect(ended.filter(({ state }) => state === 'consumed')).toHaveLength(consumed)
  expect(ended.filter(({ state }) => state === 'expired')).toHaveLength(20 - consumed)
  expect(await readsOn(db).findOne(stocks, { _id: 'raced' })).toMatchObject({
    levels: [{ onHand: 40 - 2 * consumed, reserved: 0 }],
  })
  expect((await checkStock({ db, numbered: [] })).problems).toEqual([])
})
