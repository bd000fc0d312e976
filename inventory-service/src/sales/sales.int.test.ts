import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createCalendar } from '@countinghouse/shared/calendar'
import { saleConfirmed } from '@countinghouse/shared/contracts/sales'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { WaitsForApproval } from '../approvals/gate.js'
import { createStock } from '../stock/stock.js'
import { AMBER, CLEAR, atOnce, openTradeHouse, tally, type TradeHouse } from '../testing/trade.js'
import { createSale } from './commands/create.js'
import { sales } from './store.js'

let house: TradeHouse
beforeAll(async () => {
  house = await openTradeHouse()
  await house.stocked(AMBER, 10_000)
  await house.stocked(CLEAR, 10_000)
})
afterAll(() => house.close())

const counted = () => readsOn(house.db).count(sales, {})

test('a sale takes its goods from stock and answers the whole bill', async () => {
  const before = await house.levelOf(AMBER)
  const lines = [
    { item_id: AMBER, quantity: 100, unit_price: 4 },
    { item_id: CLEAR, quantity: 50, unit_price: 6 },
  ]
  const made = await house.sell(lines, { userId: 'USER-RAJ', notes: 'By truck' })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    ...{ customer_id: 'CUST-001', customer_name: 'ABC Grocery', total_price: 700, status: 'confirmed' },
    ...{ payment_status: 'pending', paid_amount: 0, amount_due: 700, notes: 'By truck', created_by: 'USER-RAJ' },
    line_items: [
      { item_id: AMBER, item_name: `Bottle ${AMBER}`, quantity: 100, unit_price: 4, total_price: 400, cost: 100 },
      { item_id: CLEAR, quantity: 50, unit_price: 6, total_price: 300, cost: 50 },
    ],
  })
  expect(made.body.bill_number).toMatch(/^SO-\d{6}-\d{4}$/)
  expect((await house.levelOf(AMBER)).onHand).toBe(before.onHand - 100)
  const read = await house.call('get', `/sales/${made.body.bill_number}`, { role: 'admin' })
  expect(read.body).toEqual(made.body)
  expect(await house.bookedFor(made.body.bill_number)).toEqual({
    ...{ receivables: 70_000n, sales_revenue: -70_000n, cost_of_goods_sold: 15_000n, inventory: -15_000n },
  })
  const told = (await announced(house.db, saleConfirmed)).filter(({ subject }) => subject === made.body.bill_number)
  expect(told).toHaveLength(1)
})

test('the customer is looked for first, then line by line the item and its stock; a refused sale leaves nothing', async () => {
  await house.stocked('few', 50)
  const [before, level] = [await counted(), await house.levelOf(AMBER)]
  const unknown = { item_id: 'ghost', quantity: 1 }
  const short = { item_id: 'few', quantity: 100 }
  const noCustomer = await house.sell([unknown, short], { customer_id: 'CUST-999' })
  expect(noCustomer.status).toBe(404)
  expect(noCustomer.body).toMatchObject({ detail: 'Customer not found', customer_id: 'CUST-999' })
  const noItem = await house.sell([{ item_id: AMBER, quantity: 1 }, unknown, short])
  expect(noItem.body).toMatchObject({ status: 404, detail: 'Item not found: ghost', item_id: 'ghost' })
  const noStock = await house.sell([{ item_id: AMBER, quantity: 1 }, short, unknown])
  expect(noStock.body).toMatchObject({
    ...{ status: 400, detail: 'Insufficient stock', item_id: 'few', available: 50, requested: 100, shortage: 50 },
  })
  expect(await counted()).toBe(before)
  expect(await house.levelOf(AMBER)).toEqual(level)
})

test('the same item on two lines is checked together', async () => {
  await house.stocked('shared', 10)
  const twice = await house.sell([
    { item_id: 'shared', quantity: 6 },
    { item_id: 'shared', quantity: 5 },
  ])
  expect(twice.body).toMatchObject({ status: 400, available: 10, requested: 11, shortage: 1 })
  expect((await house.levelOf('shared')).onHand).toBe(10)
})

test('of two who sell 300 of 500 at once one does, and who asks then may have 200', async () => {
  await house.stocked('reference', 500)
  const both = await atOnce(2, () => house.sell([{ item_id: 'reference', quantity: 300 }]))
  expect(tally(both)).toEqual({ 201: 1, 400: 1 })
  expect(both.find(({ status }) => status === 400)?.body).toMatchObject({ available: 200, shortage: 100 })
  expect((await house.sell([{ item_id: 'reference', quantity: 200 }])).status).toBe(201)
  expect(await house.levelOf('reference')).toEqual({ onHand: 0, valueMinor: 0n })
})

test('twenty who want one of ten: ten get it, and their numbers have no gap', async () => {
  await house.stocked('ten', 10)
  const all = await atOnce(20, () => house.sell([{ item_id: 'ten', quantity: 1 }]))
  expect(tally(all)).toEqual({ 201: 10, 400: 10 })
  const numbers = (await readsOn(house.db).find(sales, {})).map(({ _id }) => Number(_id.slice(-4)))
  expect(numbers.sort((one, other) => one - other)).toEqual(numbers.map((_, index) => index + 1))
})

test('a repeated request makes one sale and gets its answer, also all at once, also for a refusal', async () => {
  const before = await counted()
  const lines = [{ item_id: AMBER, quantity: 3 }]
  const all = await atOnce(5, () => house.sell(lines, { key: 'same' }))
  expect(tally(all)).toEqual({ 201: 5 })
  expect(new Set(all.map(({ body }) => body.bill_number)).size).toBe(1)
  expect(await counted()).toBe(before + 1)
  expect((await house.sell([{ item_id: AMBER, quantity: 4 }], { key: 'same' })).body.code).toBe(
    'idempotency_key_reused',
  )
  const refused = () => house.sell([{ item_id: 'few', quantity: 1_000 }], { key: 'short' })
  expect((await refused()).body).toEqual((await refused()).body)
})

test('a number belongs to the day of the business, whose midnight is not that of UTC', async () => {
  const dayOf = createCalendar({ zone: 'Asia/Kolkata' }).dayOf
  const approvalRules = { currency: 'USD', thresholdMinor: 1_000_000n, needed: 2, days: 7, dayOf }
  const line = { itemId: AMBER, quantity: 1, unitPriceMinor: 400n, blowPriceMinor: null, discountMinor: 0n }
  const asked = {
    ...{ customerId: 'CUST-001', warehouseId: 'main', lines: [line], discountMinor: 0n, taxRateBps: 0n },
    ...{ dueOn: null, notes: null, replaces: undefined },
  }
  const sellAt = async (time: string) => {
    const now = () => new Date(time)
    const stock = createStock({ db: house.db, now, currency: 'USD' })
    const maker = { userId: 'night', seesAll: false }
    const made = await createSale({ db: house.db, now, stock, approvalRules }, asked, maker, { made: () => [], waiting: () => [] }) // prettier-ignore
    return made instanceof WaitsForApproval ? undefined : [made._id, made.day, made.dueOn]
  }
  expect(await sellAt('2025-01-10T18:00:00Z')).toEqual(['SO-250110-0001', '2025-01-10', '2025-02-09'])
  expect(await sellAt('2025-01-10T19:00:00Z')).toEqual(['SO-250111-0001', '2025-01-11', '2025-02-10'])
})

test('discounts and tax are parts of the bill, and one that is not below the price is refused', async () => {
  const lines = [
    { item_id: AMBER, quantity: 10, unit_price: 10, discount: 10 },
    { item_id: CLEAR, quantity: 5, unit_price: 20 },
  ]
  const made = await house.sell(lines, { discount: 19, tax_rate: 18 })
  expect(made.body).toMatchObject({
    ...{ subtotal: 200, discount: 29, tax_rate: 18, tax: 30.78, total_price: 201.78 },
    line_items: [
      { discount: 19, tax: 14.58 },
      { discount: 10, tax: 16.2 },
    ],
  })
  expect(await house.bookedFor(made.body.bill_number)).toMatchObject({
    ...{ receivables: 20_178n, sales_discounts: 2_900n, sales_revenue: -20_000n, tax: -3_078n },
  })
  const gift = await house.sell([{ item_id: AMBER, quantity: 1, unit_price: 4, discount: 4 }])
  expect(gift.body).toMatchObject({ status: 422, code: 'discount_above_price' })
})

test('what breaks the schema is named: no quantity, a negative price, too many decimals, unknown fields', async () => {
  const answer = await house.sell(
    [
      { item_id: AMBER, quantity: 0, unit_price: -1 },
      { item_id: AMBER, quantity: 1, unit_price: 1.005 },
    ],
    { total_price: 1 },
  )
  expect(answer.status).toBe(422)
  expect(answer.body.errors).toEqual(
    expect.arrayContaining([
      {
        ...{ loc: ['body', 'line_items', 0, 'quantity'], msg: 'ensure this value is greater than 0' },
        type: 'value_error.number.not_gt',
      },
      expect.objectContaining({ loc: ['body', 'line_items', 0, 'unit_price'] }),
      expect.objectContaining({ loc: ['body', 'line_items', 1, 'unit_price'] }),
      expect.objectContaining({ loc: ['body', 'total_price'] }),
    ]),
  )
})

test('staff see their own sales and no others; viewers and admins see all and customers none', async () => {
  const mine = await house.sell([{ item_id: AMBER, quantity: 1 }], { userId: 'anna' })
  const number: string = mine.body.bill_number
  expect((await house.call('get', `/sales/${number}`, { userId: 'bert' })).status).toBe(404)
  expect((await house.call('post', `/sales/${number}/ship`, { userId: 'bert' })).status).toBe(404)
  expect((await house.call('get', `/sales/${number}`, { role: 'viewer' })).status).toBe(200)
  expect((await house.call('post', `/sales/${number}/ship`, { role: 'viewer' })).status).toBe(403)
  expect((await house.call('get', '/sales', { role: 'customer' })).status).toBe(403)
  const own = await house.call('get', '/sales', { userId: 'anna' })
  expect(own.body.map((sale: { bill_number: string }) => sale.bill_number)).toEqual([number])
})

test('sales are found by customer, state, day, words, and by what is unpaid or overdue', async () => {
  await house.call('post', '/trade-customers', { body: { id: 'CUST-002', name: 'Blue Café', payment_terms_days: 0 } })
  const made = await house.sell([{ item_id: AMBER, quantity: 1 }], { customer_id: 'CUST-002', userId: 'lister' })
  const number: string = made.body.bill_number
  const numbersOf = async (query: object) => {
    const found = await house.call('get', '/sales', { userId: 'lister', query })
    expect(found.status).toBe(200)
    return found.body.map((sale: { bill_number: string }) => sale.bill_number) as string[]
  }
  const today: string = made.body.date
  for (const query of [
    { customer_id: 'CUST-002' },
    { status: 'confirmed' },
    { unpaid: true },
    { overdue: false },
    { search: 'blue' },
    { search: number },
    { from: today, to: today },
    { payment_status: 'pending' },
  ])
    // prettier-ignore
    expect([query, await numbersOf(query)]).toEqual([query, [number]])
  for (const query of [
    { customer_id: 'CUST-001' },
    { status: 'shipped' },
    { unpaid: false },
    { overdue: true },
    { search: 'red' },
    { to: '2020-01-01' },
  ])
    // prettier-ignore
    expect([query, await numbersOf(query)]).toEqual([query, []])
  const stored = house.db.db?.collection<{ _id: string }>(sales.name)
  await stored?.updateOne({ _id: number }, { $set: { dueOn: '2020-01-01' } })
  expect(await numbersOf({ overdue: true })).toEqual([number])
  await house.call('post', `/sales/${number}/payments`, { userId: 'lister', body: {} })
  expect(await numbersOf({ overdue: true })).toEqual([])
  expect(await numbersOf({ unpaid: false })).toEqual([number])
})

test('a dry run answers what would be, and does nothing', async () => {
  const [before, level] = [await counted(), await house.levelOf(AMBER)]
  const would = await house.sell([{ item_id: AMBER, quantity: 100 }], { query: { dry_run: true }, key: 'dry' })
  expect(would.status).toBe(200)
  expect(would.body).toMatchObject({ dry_run: true, bill_number: null, total_price: 400, needs_approval: false })
  expect((await house.sell([{ item_id: 'few', quantity: 51 }], { query: { dry_run: true } })).status).toBe(400)
  expect(await counted()).toBe(before)
  expect(await house.levelOf(AMBER)).toEqual(level)
})

test('a customer owes no more than the limit, also when two sell at once', async () => {
  await house.call('post', '/trade-customers', { body: { id: 'CUST-003', name: 'Corner Shop' } })
  const credit = '/trade-customers/CUST-003/credit'
  expect((await house.call('put', credit, { body: { limit: 100 } })).status).toBe(403)
  await house.call('put', credit, { role: 'admin', body: { limit: 100 } })
  const sell = () => house.sell([{ item_id: AMBER, quantity: 15 }], { customer_id: 'CUST-003' })
  const both = await atOnce(4, sell)
  expect(tally(both)).toEqual({ 201: 1, 409: 3 })
  expect(both.find(({ status }) => status === 409)?.body).toMatchObject({
    ...{ code: 'credit_limit', limit: 100, owed: 60, requested: 60 },
  })
  expect((await house.call('get', credit)).body).toMatchObject({ limit: 100, owed: 60, available: 40 })
})

test('a customer who is named by a sale is not deleted, and one who is inactive buys nothing', async () => {
  await house.call('post', '/trade-customers', { body: { id: 'CUST-004', name: 'Dairy' } })
  const sell = () => house.sell([{ item_id: AMBER, quantity: 1 }], { customer_id: 'CUST-004' })
  expect((await sell()).status).toBe(201)
  expect((await house.call('delete', '/trade-customers/CUST-004')).status).toBe(409)
  await house.call('patch', '/trade-customers/CUST-004', { body: { active: false } })
  expect((await sell()).body.code).toBe('customer_inactive')
})
