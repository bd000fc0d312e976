import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { stockChanged, stockLow } from '@countinghouse/shared/contracts/inventory'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { defineCollection, ensureCollections } from '@countinghouse/shared/mongo/collection'
import { insertion } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { randomFrom } from '@countinghouse/shared/testing/random'
import type { Connection } from 'mongoose'
import { addItems, addWarehouse, freshStock, issue, receipt, step } from '../testing/stock.js'
import { availableOf, costOf, levelIn, type ItemStock } from './domain/stock.js'
import { createStock, type Stock } from './stock.js'
import { moves, reservations, series, stocks } from './store.js'
import { changeTerms } from './terms.js'
import { findStock } from './reading.js'

let db: Connection
let stock: Stock
let close: () => Promise<void>
const open = () => createStock({ db, now: () => new Date(), currency: 'USD' })
beforeAll(async () => {
  ;({ db, close } = await freshStock())
  stock = open()
})
afterEach(() => {
  watchFaultPoints(undefined)
})
afterAll(() => close())

const main = async (itemId: string) => levelIn((await findStock(readsOn(db), itemId)) as ItemStock, 'main')
const settled = (results: PromiseSettledResult<unknown>[]) => results.filter(({ status }) => status === 'fulfilled')

test('of two who sell 300 of 500 at once, one sells and the other is told what is left', async () => {
  await addItems(db, ['b500'])
  await stock.submit(step([receipt({ itemId: 'b500', quantity: 500 }, 105_500n)]))
  const sales = await Promise.allSettled(
    [1, 2].map(() => stock.submit(step([issue({ itemId: 'b500', quantity: 300 })]))),
  )
  expect(settled(sales)).toHaveLength(1)
  expect(sales.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: {
      code: 'insufficient_stock',
      status: 400,
      context: { item_id: 'b500', available: 200, requested: 300, shortage: 100 },
    },
  })
  expect(await main('b500')).toMatchObject({ onHand: 200, valueMinor: 42_200n })
})

test('of 20 buyers in two processes of 10 pieces, ten get one', async () => {
  await addItems(db, ['rare'])
  await stock.submit(step([receipt({ itemId: 'rare', quantity: 10 }, 1000n)]))
  const other = open()
  const buy = (_: unknown, index: number) =>
    (index % 2 ? stock : other).submit(step([issue({ itemId: 'rare', quantity: 1 })]))
  const sales = await Promise.allSettled(Array.from({ length: 20 }, buy))
  expect(settled(sales)).toHaveLength(10)
  expect(await main('rare')).toMatchObject({ onHand: 0, valueMinor: 0n })
})

test('two lines on one item are taken together, and the first line that is short is the one refused', async () => {
  await addItems(db, ['a1', 'a2'])
  await stock.submit(step([receipt({ itemId: 'a1', quantity: 10 }, 10n), receipt({ itemId: 'a2', quantity: 1 }, 10n)]))
  const lines = [
    issue({ itemId: 'a1', quantity: 6 }),
    issue({ itemId: 'a2', quantity: 5 }),
    issue({ itemId: 'a1', quantity: 6 }),
  ]
  await expect(stock.submit(step(lines))).rejects.toMatchObject({
    context: { item_id: 'a1', available: 10, requested: 12, shortage: 2 },
  })
  expect(await main('a2')).toMatchObject({ onHand: 1 })
  await expect(
    stock.submit(step([issue({ itemId: 'a1', quantity: 1 }), issue({ itemId: 'none', quantity: 1 })])),
  ).rejects.toMatchObject({ code: 'item_not_found' })
})

test('a step of a document moves goods once, also when a process without memory is asked again', async () => {
  await addItems(db, ['once'])
  const request = step([receipt({ itemId: 'once', quantity: 5 }, 500n)])
  await stock.submit(request)
  for (const asked of [stock, open()])
    await expect(asked.submit(request)).rejects.toMatchObject({ code: 'already_posted' })
  expect(await main('once')).toMatchObject({ onHand: 5 })
})

test('what is produced takes over what was consumed', async () => {
  await addItems(db, ['preform', 'bottle'])
  await stock.submit(step([receipt({ itemId: 'preform', quantity: 1000 }, 200_000n)]))
  const { moves: made } = await stock.submit(
    step([
      { ...issue({ itemId: 'preform', quantity: 1000 }), type: 'consume' } as never,
      { kind: 'receive', type: 'produce', itemId: 'bottle', warehouseId: 'main', quantity: 950, valueMinor: costOf },
    ]),
  )
  expect(made.map(({ valueMinor }) => valueMinor)).toEqual([-200_000n, 200_000n])
  await stock.submit(step([issue({ itemId: 'bottle', quantity: 300 })]))
  await stock.submit(step([issue({ itemId: 'bottle', quantity: 650 })]))
  expect(await main('bottle')).toMatchObject({ onHand: 0, valueMinor: 0n })
})

test('a preview says what would happen, and nothing happens', async () => {
  await addItems(db, ['seen'])
  await stock.submit(step([receipt({ itemId: 'seen', quantity: 5 }, 500n)]))
  expect(await stock.preview(step([issue({ itemId: 'seen', quantity: 2 })]))).toMatchObject({
    number: undefined,
    moves: [{ quantity: -2, valueMinor: -200n, onHandAfter: 3 }],
  })
  await expect(stock.preview(step([issue({ itemId: 'seen', quantity: 6 })]))).rejects.toMatchObject({
    context: { shortage: 1 },
  })
  expect(await main('seen')).toMatchObject({ onHand: 5 })
})

test('numbers have no gap within a day, whatever is refused or crashes on the way', async () => {
  await addItems(db, ['numbered'])
  await stock.submit(step([receipt({ itemId: 'numbered', quantity: 1000 }, 10n)]))
  const random = randomFrom(7)
  watchFaultPoints((name) => {
    if (name !== 'stock:committed' && random() < 0.05) throw new Error(name)
  })
  const processes = [stock, open()]
  const sell = async (_: unknown, index: number): Promise<string | undefined> => {
    const quantity = random() < 0.2 ? 100_000 : 1
    const request = step([issue({ itemId: 'numbered', quantity })], { series: { prefix: 'SO', day: '2025-12-23' } })
    const posted = await processes[index % 2]?.submit(request).catch(() => undefined)
    return posted?.number
  }
  const numbers = (await Promise.all(Array.from({ length: 100 }, sell))).filter((number) => number !== undefined).sort()
  expect(numbers.length).toBeGreaterThan(20)
  expect(numbers).toEqual(numbers.map((_, index) => `SO-251223-${(index + 1).toString().padStart(4, '0')}`))
  expect(await readsOn(db).findOne(series, { _id: 'SO-2025-12-23' })).toMatchObject({ last: numbers.length })
})

test('what is kept for a document is promised to nobody else, and serves it', async () => {
  await addItems(db, ['kept'])
  await stock.submit(step([receipt({ itemId: 'kept', quantity: 10 }, 100n)]))
  const of = (id: string, name: string) => ({ cause: { kind: 'order', id, step: name } })
  const spot = { itemId: 'kept', warehouseId: 'main' }
  await stock.submit(step([{ kind: 'reserve', ...spot, quantity: 7 }], of('o1', 'placed')))
  await expect(stock.submit(step([issue({ itemId: 'kept', quantity: 4 })]))).rejects.toMatchObject({
    context: { available: 3 },
  })
  await stock.submit(
    step([{ ...issue({ itemId: 'kept', quantity: 5 }), fromReserved: true } as never], of('o1', 'shipped')),
  )
  expect(await main('kept')).toMatchObject({ onHand: 5, reserved: 2 })
  await stock.submit(step([{ kind: 'release', ...spot }], of('o1', 'cancelled')))
  expect(await main('kept')).toMatchObject({ onHand: 5, reserved: 0 })
  await expect(
    stock.submit(step([{ ...issue({ itemId: 'kept', quantity: 1 }), fromReserved: true } as never], of('o1', 'late'))),
  ).rejects.toMatchObject({ code: 'reservation_gone' })
})

test('what is kept beyond its time is free at once for whoever needs it', async () => {
  await addItems(db, ['timed'])
  await stock.submit(step([receipt({ itemId: 'timed', quantity: 10 }, 100n)]))
  const expiresAt = new Date(Date.now() - 1)
  const order = { cause: { kind: 'order', id: 'o2', step: 'placed' } }
  await stock.submit(step([{ kind: 'reserve', itemId: 'timed', warehouseId: 'main', quantity: 8, expiresAt }], order))
  await stock.submit(step([issue({ itemId: 'timed', quantity: 9 })]))
  expect(await main('timed')).toMatchObject({ onHand: 1, reserved: 0 })
  expect(await readsOn(db).findOne(reservations, { _id: 'order:o2:timed:main' })).toMatchObject({
    state: 'expired',
    quantity: 0,
  })
})

test('a transfer keeps what the goods cost, and no goods go to a warehouse that is not there', async () => {
  await addItems(db, ['moved'])
  await addWarehouse(db, 'north')
  await stock.submit(step([receipt({ itemId: 'moved', quantity: 3 }, 100n)]))
  const transfer = (to: string) =>
    step([
      { kind: 'issue', type: 'transfer', itemId: 'moved', warehouseId: 'main', quantity: 1 },
      { kind: 'receive', type: 'transfer', itemId: 'moved', warehouseId: to, quantity: 1, valueMinor: costOf },
    ])
  await stock.submit(transfer('north'))
  const { levels } = (await findStock(readsOn(db), 'moved')) as ItemStock
  expect(levels.map(({ warehouseId, valueMinor }) => [warehouseId, valueMinor])).toEqual([
    ['main', 67n],
    ['north', 33n],
  ])
  await expect(stock.submit(transfer('south'))).rejects.toMatchObject({ code: 'warehouse_not_found' })
})

test('an item that runs low says so once for each crossing', async () => {
  await addItems(db, ['low'])
  await inTransaction(db, (tx) => changeTerms(tx, { itemId: 'low', method: 'fifo', lowBelow: 6 }, new Date()))
  await stock.submit(step([receipt({ itemId: 'low', quantity: 10 }, 100n)]))
  for (const quantity of [5, 1]) await stock.submit(step([issue({ itemId: 'low', quantity })]))
  await stock.submit(step([receipt({ itemId: 'low', quantity: 10 }, 100n)]))
  await stock.submit(step([issue({ itemId: 'low', quantity: 10 })]))
  expect((await announced(db, stockLow)).map(({ data }) => data)).toMatchObject([
    { available: 5, threshold: 6 },
    { available: 4 },
  ])
})

test('a companion that misses refuses its request alone and leaves nothing of it', async () => {
  const notes = defineCollection<{ _id: string }>('notes', {})
  await ensureCollections(db, [notes])
  await addItems(db, ['shared'])
  await stock.submit(step([receipt({ itemId: 'shared', quantity: 10 }, 100n)]))
  const noting = (id: string) =>
    stock.submit(
      step([issue({ itemId: 'shared', quantity: 1 })], {
        series: { prefix: 'XX', day: '2025-12-23' },
        companions: () => [insertion(notes, { _id: id }, () => new Error('taken'))],
      }),
    )
  const results = await Promise.allSettled([noting('one'), noting('one'), noting('two')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await main('shared')).toMatchObject({ onHand: 8 })
  expect(await readsOn(db).findOne(series, { _id: 'XX-2025-12-23' })).toMatchObject({ last: 2 })
})

test('the database itself refuses a level below what is reserved', async () => {
  await addItems(db, ['guarded'])
  const bad = { warehouseId: 'main', onHand: 1, reserved: 2, incoming: 0, valueMinor: 0n }
  const change = inTransaction(db, (tx) => tx.update(stocks, { _id: 'guarded' }, { $set: { levels: [bad] } }))
  await expect(change).rejects.toThrow('validation')
})

test('every change is announced with its moves', async () => {
  const changes = await announced(db, stockChanged)
  const announcedMoves = changes.flatMap(({ data }) => (data as { moves: unknown[] }).moves)
  expect(announcedMoves).toHaveLength(await readsOn(db).count(moves, {}))
  expect(availableOf(await main('b500'))).toBe(200)
})
