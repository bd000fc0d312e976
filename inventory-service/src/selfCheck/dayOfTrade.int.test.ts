import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { randomFrom } from '@countinghouse/shared/testing/random'
import type { Response } from 'supertest'
import { costOf } from '../stock/domain/stock.js'
import { moves, stocks } from '../stock/store.js'
import { openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'

const SEEDS = Number(process.env['SEEDS'] ?? 1)
const STEPS = 90
const CLIENTS = 5

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse({ APPROVAL_THRESHOLD: 1_000_000_000n })
  await house.call('post', '/warehouses', { body: { id: 'north', name: 'North' } })
})
afterAll(() => house.close())

const bodyOf = ({ body }: Response) => body as Record<string, string>

/** The steps of a day, each made at random for the items of a seed. */
const stepsOf = (seed: number, random: () => number) => {
  const below = (max: number) => Math.floor(random() * max)
  const name = (type: string) => `${type}-${seed.toString()}`
  const [sold, bought, blown]: [string[], string[], string[]] = [[], [], []]
  const keep = (into: string[], field: string, answer: Response): Response => {
    if (answer.status < 300) into.push(bodyOf(answer)[field] ?? '')
    return answer
  }
  const any = (from: string[]) => from[below(from.length)] ?? 'none'
  const post = (path: string, body: object = {}) => house.call('post', path, { body })
  const item = () => name(['preform', 'bottle'][below(2)] ?? '')
  const lines = (most = 20) => [{ item_id: item(), quantity: 1 + below(most) }]
  const priced = () => lines().map((line) => ({ ...line, unit_price: 0.01 * (1 + below(999)) }))
  const cents = () => (1 + below(9999)) / 100
  const buy = async () => {
    const body = { supplier_id: 'SUP-001', line_items: priced().map(toCents), receive: below(3) > 0 }
    return keep(bought, 'bill_number', await post('/purchases', body))
  }
  const sell = async () =>
    keep(sold, 'bill_number', await post('/sales', { customer_id: 'CUST-001', line_items: priced().map(toCents) }))
  const blow = async () => {
    const output = 1 + below(12)
    const run = { from_item_id: name('preform'), to_item_id: name('bottle'), input_quantity: output + below(3) }
    return keep(blown, 'id', await post('/blows', { ...run, quantity: output, blow_cost_per_unit: 0.07 }))
  }
  const adjust = () => {
    const delta = below(20) - 8 || 1
    return post('/stocks/adjustments', {
      item_id: item(),
      delta,
      reason: 'other',
      ...(delta > 0 && { value: cents() }),
    })
  }
  const others = [
    () => post(`/purchases/${any(bought)}/receive`),
    () => post(`/purchases/${any(bought)}/returns`, { line_items: lines(3), reason: 'Broken' }),
    () => post(`/purchases/${any(bought)}/costs`, { amount: cents(), kind: 'bill_difference', reason: 'Freight' }),
    () => post(`/sales/${any(sold)}/returns`, { line_items: lines(3), reason: 'Wrong size' }),
    () => post(`/sales/${any(sold)}/cancel`),
    () => post(`/blows/${any(blown)}/reverse`, { reason: 'Entered twice' }),
    () => post('/stocks/transfers', { from_warehouse_id: 'main', to_warehouse_id: 'north', line_items: lines(3) }),
  ]
  const other = () => others[below(others.length)]?.()
  const kinds = [buy, buy, sell, blow, adjust, other, other]
  return () => kinds[below(kinds.length)]?.()
}

const toCents = <Line extends { unit_price: number }>(line: Line): Line => ({
  ...line,
  unit_price: Math.round(line.unit_price * 100) / 100,
})

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'seed %i: after any day of trade the stock adds up, and the books say that it is worth what its layers cost',
  async (seed) => {
    const method = seed % 2 ? 'fifo' : 'average'
    for (const type of ['preform', 'bottle']) {
      const id = `${type}-${seed.toString()}`
      await house.call('post', '/items', { body: { id, name: id, type, valuation_method: method } })
    }
    const step = stepsOf(seed, randomFrom(seed))
    const answers: number[] = []
    const work = async (): Promise<void> => {
      while (answers.length < STEPS) {
        const { status = 500 } = (await step()) ?? {}
        answers.push(status)
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, work))
    expect(answers.filter((status) => status >= 500)).toEqual([])
    expect(answers.filter((status) => status < 300).length).toBeGreaterThan(STEPS / 3)

    const check = await house.call('get', '/stocks/check', { role: 'admin' })
    expect(check.body).toMatchObject({ ok: true, problems: [] })
    const reads = readsOn(house.db)
    const value = (await reads.find(stocks, {}))
      .flatMap(({ levels }) => levels)
      .reduce((sum, { valueMinor }) => sum + valueMinor, 0n)
    const all = await reads.find(moves, {})
    const received = all.reduce((sum, { valueMinor }) => (valueMinor > 0n ? sum + valueMinor : sum), 0n)
    expect(costOf(all) + value).toBe(received)
    expect((await house.bookedFor())['inventory'] ?? 0n).toBe(value)
  },
)
