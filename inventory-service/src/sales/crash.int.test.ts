import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { randomFrom } from '@countinghouse/shared/testing/random'
import type { Response } from 'supertest'
import { openCardOffice, type CardOffice } from '../testing/cardOffice.js'
import { AMBER, atOnce, openTradeHouse, type TradeHouse } from '../testing/trade.js'
import { dueMinor, keptMinor, type Sale } from './domain/sale.js'
import { sales } from './store.js'

const CLIENTS = 12
const BOTTLES = 1000
const VALUE_MINOR = 211_000n

let office: CardOffice
let house: TradeHouse
beforeAll(async () => {
  office = await openCardOffice()
  house = await openTradeHouse({ WALLET_URL: office.url, APPROVAL_THRESHOLD: 50n, APPROVALS_REQUIRED: 1 })
  await house.stocked(AMBER, BOTTLES, VALUE_MINOR)
})
afterEach(() => {
  watchFaultPoints(undefined)
})
afterAll(async () => {
  await house.close()
  await office.close()
})

const crashed = new Set<string>()

/** Crashes at one passed point in eight. */
const crashAtRandom = (random: () => number): void => {
  watchFaultPoints((name) => {
    if (random() >= 0.125) return
    crashed.add(name)
    throw new Error(`Crash at ${name}`)
  })
}

/** A client that asks again, under the same key, until it is answered. */
const insist = async (ask: () => Promise<Response>): Promise<Response> => {
  for (;;) {
    const answer = await ask()
    if (answer.status < 500 && answer.body.code !== 'idempotency_in_progress') return answer
  }
}

const post = (path: string, key: string, body: object, userId = 'staff-user') =>
  insist(() => house.call('post', path, { key, body, userId }))

/** Sells, pays by card and takes a bottle back; one sale in three waits for its approval first. */
const trade = async (client: number): Promise<string> => {
  const [name, quantity] = [`client-${client.toString()}`, client % 3 === 0 ? 20 : 10]
  const lines = [{ item_id: AMBER, quantity, unit_price: 4 }]
  const made = await post('/sales', `${name}:sale`, { customer_id: 'CUST-001', line_items: lines })
  const approval = made.body.approval_id as string | undefined
  const approved = approval && (await post(`/approvals/${approval}/approve`, `${name}:yes`, {}, 'checker'))
  const number = (approved ? approved.body.result : made.body.bill_number) as string
  await post(`/sales/${number}/payments`, `${name}:card`, { method: 'card', payment_method: 'pm_card', amount: 30 })
  const back = { line_items: [{ item_id: AMBER, quantity: 1 }], reason: 'Broken seal' }
  await post(`/sales/${number}/returns`, `${name}:return`, back)
  if (client % 4 === 1) await post(`/sales/${number}/cancel`, `${name}:cancel`, {})
  return number
}

const sumOf = (all: readonly Sale[], part: (sale: Sale) => bigint) => all.reduce((sum, sale) => sum + part(sale), 0n)

test('whatever crashes between any two steps, each sale, payment and return is made once, and stock and books agree', async () => {
  crashAtRandom(randomFrom(7))
  const numbers = await atOnce(CLIENTS, trade)
  watchFaultPoints(undefined)
  expect(crashed.size).toBeGreaterThan(4)

  const all = await readsOn(house.db).find(sales, {}, { sort: { _id: 1 } })
  expect(all.map(({ _id }) => _id)).toEqual([...numbers].sort())
  expect(all.map(({ _id }) => Number(_id.slice(-4)))).toEqual(all.map((_, index) => index + 1))
  expect(office.moved).toHaveLength(CLIENTS)
  for (const sale of all) {
    expect(keptMinor(sale)).toBe(3_000n)
    expect(sale.lines[0]?.returnedQuantity).toBe(sale.cancelledAt ? sale.lines[0]?.quantity : 1)
  }
  const out = all.reduce((sum, { lines: [line] }) => sum + (line ? line.quantity - line.returnedQuantity : 0), 0)
  const level = await house.levelOf(AMBER)
  const books = await house.bookedFor()
  expect(level.onHand).toBe(BOTTLES - out)
  expect(books['inventory']).toBe(level.valueMinor - VALUE_MINOR)
  expect(books['receivables']).toBe(sumOf(all, dueMinor))
  expect(books['clearing']).toBe(sumOf(all, keptMinor))
  expect(Object.values(books).reduce((sum, amount) => sum + amount, 0n)).toBe(0n)
}, 60_000)
