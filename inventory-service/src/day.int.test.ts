import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { randomFrom } from '@countinghouse/shared/testing/random'
import type { Response } from 'supertest'
import { balanceOf } from './purchases/domain/books.js'
import { purchases } from './purchases/store.js'
import { dueMinor } from './sales/domain/sale.js'
import { sales } from './sales/store.js'
import { checkStock } from './selfCheck/commands.js'
import { moves, stocks } from './stock/store.js'
import { PREFORM, openBuyingHouse, type BuyingHouse } from './testing/purchases.js'

const STEPS = 120
const ACCEPTED = STEPS / 3
const STEPS_MAX = 4 * STEPS
const CLIENTS = 4

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse({ APPROVAL_THRESHOLD: 10_000_000n })
  const items = { fifo: 'bottle-fifo', average: 'bottle-average' }
  for (const [valuation_method, id] of Object.entries(items))
    await house.call('post', '/items', { body: { id, name: id, type: 'bottle', valuation_method } })
})
afterAll(() => house.close())

/** One act of a day chosen at random; most are possible, and the others are refused. */
const act = (random: () => number, known: { purchases: string[]; sales: string[]; blows: string[] }) => {
  const upTo = (most: number) => 1 + Math.floor(random() * most)
  const one = (of: readonly string[]) => of[Math.floor(random() * of.length)] ?? 'none'
  const bottle = random() < 0.5 ? 'bottle-fifo' : 'bottle-average'
  const some = (item_id: string) => ({ line_items: [{ item_id, quantity: upTo(20) }], reason: 'Dents' })
  const about = (of: readonly string[]) => [one(of)] as const
  const [purchase] = about(known.purchases)
  const [sale] = about(known.sales)
  const acts: (() => Promise<Response>)[] = [
    () =>
      house.buy(upTo(300), {
        receive: random() < 0.6,
        tax_rate: 18,
        line_items: [{ item_id: PREFORM, quantity: upTo(300), unit_price: upTo(500) / 100 }],
      }),
    () => house.take(purchase, 'receive', random() < 0.5 ? {} : { line_items: some(PREFORM).line_items }),
    () => house.take(purchase, 'payments', { amount: upTo(20_000) / 100 }),
    () => house.take(purchase, 'returns', some(PREFORM)),
    () =>
      house.take(purchase, 'costs', {
        kind: random() < 0.5 ? 'bill_difference' : 'landed_cost',
        amount: upTo(500) / 100,
        reason: 'x',
      }),
    () => house.take(purchase, 'close'),
    () =>
      house.call('post', '/blows', {
        body: {
          from_item_id: PREFORM,
          to_item_id: bottle,
          input_quantity: 100,
          quantity: 80 + upTo(20),
          blow_cost_per_unit: 0.07,
          standard_yield: 95,
        },
      }),
    () => house.call('post', `/blows/${one(known.blows)}/reverse`, { body: { reason: 'x' } }),
    () => house.sell([{ item_id: bottle, quantity: upTo(60), unit_price: 4.99 }], { tax_rate: 5 }),
    () => house.call('post', `/sales/${sale}/returns`, { body: some(bottle) }),
    () => house.call('post', `/sales/${sale}/payments`, { body: { amount: upTo(5_000) / 100 } }),
    () => house.call('post', `/sales/${sale}/cancel`, { body: {} }),
    () => house.call('post', '/stocks/adjustments', { body: { item_id: bottle, delta: -upTo(5), reason: 'damage' } }),
  ]
  return (acts[Math.floor(random() * acts.length)] ?? acts[0])?.() as Promise<Response>
}

test('after any day of trade and production, moves, layers, bills and books say the same', async () => {
  const random = randomFrom(Number(process.env['SEED'] ?? 11))
  const known = { purchases: [] as string[], sales: [] as string[], blows: [] as string[] }
  const answers: number[] = []
  const altered = house.db.collection(moves.name).watch([{ $match: { operationType: { $ne: 'insert' } } }])
  await altered.tryNext()
  const accepted = () => answers.filter((status) => status < 300).length
  const goesOn = () => answers.length < STEPS || (accepted() <= ACCEPTED && answers.length < STEPS_MAX)
  const work = async (): Promise<void> => {
    while (goesOn()) {
      const { status, body } = await act(random, known)
      answers.push(status)
      if (status !== 201) continue
      const made = body as { bill_number?: string; supplier_id?: string; from_item_id?: string; id?: string }
      if (made.supplier_id !== undefined) known.purchases.push(made.bill_number ?? '')
      else if (made.from_item_id !== undefined) known.blows.push(made.id ?? '')
      else if (made.bill_number !== undefined && made.id === undefined) known.sales.push(made.bill_number)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
  expect(answers.filter((status) => status >= 500)).toEqual([])
  expect(accepted()).toBeGreaterThan(ACCEPTED)
  // Moves are never changed or taken away: what was wrong is moved back.
  expect(await altered.tryNext()).toBeNull()
  await altered.close()

  const numbered = [
    { prefix: 'PO', collection: purchases },
    { prefix: 'SO', collection: sales },
  ]
  expect(await checkStock({ db: house.db, numbered })).toMatchObject({ problems: [], unsettled: 0 })
  const booked = await house.bookedFor()
  const reads = readsOn(house.db)
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
  const positive = (amount: bigint) => (amount > 0n ? amount : 0n)
  const held = (await reads.find(stocks, {})).flatMap(({ levels }) => levels.map(({ valueMinor }) => valueMinor))
  expect(booked['inventory'] ?? 0n).toBe(sum(held))
  const balances = (await reads.find(purchases, {})).map(balanceOf)
  expect(-(booked['payables'] ?? 0n)).toBe(sum(balances.map(positive)))
  expect(booked['supplier_advances'] ?? 0n).toBe(sum(balances.map((balance) => positive(-balance))))
  expect(booked['receivables'] ?? 0n).toBe(sum((await reads.find(sales, {})).map(dueMinor)))
  expect(sum(Object.values(booked))).toBe(0n)
})
