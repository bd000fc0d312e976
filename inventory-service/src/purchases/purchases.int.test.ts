import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { purchaseOrdered, purchaseReceived } from '@countinghouse/shared/contracts/purchases'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { PREFORM, openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'
import { atOnce, tally } from '../testing/trade.js'
import { purchases } from './store.js'

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse({ APPROVAL_THRESHOLD: 1_000_000n })
})
afterAll(() => house.close())

const counted = () => readsOn(house.db).count(purchases, {})
const numberOf = ({ body }: { body: { bill_number: string } }) => body.bill_number
const goods = (quantity: number) => ({ line_items: [{ item_id: PREFORM, quantity }] })

test('a purchase brings its goods into stock at what they cost, and the books owe the supplier', async () => {
  const made = await house.buy(1000, { userId: 'USER-RAJ', tax_rate: 18, supplier_reference: 'PW/77' })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    ...{ supplier_id: 'SUP-001', supplier_name: 'Polymer Works', supplier_reference: 'PW/77', created_by: 'USER-RAJ' },
    ...{
      status: 'received',
      payment_status: 'pending',
      subtotal: 2000,
      tax: 360,
      total_amount: 2360,
      amount_due: 2360,
    },
    line_items: [{ item_id: PREFORM, item_name: 'Preform 500ml', quantity: 1000, unit_price: 2, total_price: 2000 }],
  })
  expect(numberOf(made)).toMatch(/^PO-\d{6}-\d{4}$/)
  expect(await house.shelfOf(PREFORM)).toEqual({ onHand: 1000, incoming: 0, valueMinor: 200_000n })
  expect(await house.bookedFor(numberOf(made))).toEqual({
    inventory: 200_000n,
    input_tax: 36_000n,
    payables: -236_000n,
  })
  const read = await house.call('get', `/purchases/${numberOf(made)}`, { role: 'admin' })
  expect(read.body).toEqual(made.body)
  for (const contract of [purchaseOrdered, purchaseReceived]) {
    const told = (await announced(house.db, contract)).filter(({ subject }) => subject === numberOf(made))
    expect(told).toHaveLength(1)
  }
})

test('the supplier is looked for first, then the items line by line; a refused purchase leaves nothing', async () => {
  const before = await counted()
  const ghost = [{ item_id: 'ghost', quantity: 1, unit_price: 1 }]
  const noSupplier = await house.buy(1, { supplier_id: 'SUP-999', line_items: ghost })
  expect(noSupplier.body).toMatchObject({ status: 404, detail: 'Supplier not found', supplier_id: 'SUP-999' })
  const noItem = await house.buy(1, { line_items: ghost })
  expect(noItem.body).toMatchObject({ status: 404, detail: 'Item not found: ghost', item_id: 'ghost' })
  const noWarehouse = await house.buy(1, { warehouse_id: 'moon' })
  expect(noWarehouse.body).toMatchObject({ status: 404, code: 'warehouse_not_found' })
  const negative = [{ item_id: PREFORM, quantity: 0, unit_price: -1 }]
  const impossible = await house.buy(1, { line_items: negative })
  expect(impossible.status).toBe(422)
  expect(impossible.body.errors.map(({ loc }: { loc: unknown[] }) => loc.at(-1))).toEqual(['quantity', 'unit_price'])
  expect(await counted()).toBe(before)
})

test('nothing is agreed with a supplier who is inactive, and one with documents is not deleted', async () => {
  await house.call('post', '/suppliers', { body: { id: 'SUP-OLD', name: 'Gone' } })
  await house.call('patch', '/suppliers/SUP-OLD', { body: { active: false } })
  expect((await house.buy(1, { supplier_id: 'SUP-OLD' })).body).toMatchObject({
    status: 409,
    code: 'supplier_inactive',
  })
  expect((await house.call('delete', '/suppliers/SUP-OLD')).status).toBe(204)
  expect((await house.call('delete', '/suppliers/SUP-001')).body).toMatchObject({
    status: 409,
    code: 'supplier_in_use',
  })
})

test('what is ordered is on its way until it comes, part by part, and is owed as it comes', async () => {
  const before = await house.shelfOf(PREFORM)
  const ordered = await house.buy(1000, { receive: false })
  expect(ordered.body).toMatchObject({ status: 'ordered', owed_amount: 0, total_amount: 2000 })
  expect(await house.shelfOf(PREFORM)).toEqual({ ...before, incoming: before.incoming + 1000 })
  const part = await house.take(numberOf(ordered), 'receive', goods(400))
  expect(part.body).toMatchObject({
    status: 'partly_received',
    owed_amount: 800,
    line_items: [{ received_quantity: 400 }],
  })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: before.onHand + 400, incoming: before.incoming + 600 })
  expect((await house.take(numberOf(ordered), 'receive', goods(601))).body).toMatchObject({
    status: 422,
    possible: 600,
  })
  const rest = await house.take(numberOf(ordered), 'receive')
  expect(rest.body).toMatchObject({ status: 'received', owed_amount: 2000 })
  expect((await house.take(numberOf(ordered), 'receive')).body).toMatchObject({ status: 409, code: 'purchase_state' })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: before.onHand + 1000, incoming: before.incoming })
  expect(await house.bookedFor(numberOf(ordered))).toEqual({ inventory: 200_000n, payables: -200_000n })
})

test('an order is called off before anything came, closed when no more will come, and its number stays', async () => {
  const before = await house.shelfOf(PREFORM)
  const [off, short] = [
    numberOf(await house.buy(10, { receive: false })),
    numberOf(await house.buy(10, { receive: false })),
  ]
  expect((await house.take(off, 'cancel')).body).toMatchObject({ status: 'cancelled', amount_due: 0 })
  await house.take(short, 'receive', goods(4))
  expect((await house.take(short, 'cancel')).status).toBe(409)
  expect((await house.take(short, 'close')).body).toMatchObject({ status: 'closed', total_amount: 8 })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ incoming: before.incoming })
  expect((await house.call('delete', `/purchases/${off}`)).status).toBe(204)
  expect((await house.call('get', `/purchases/${off}`)).status).toBe(404)
  expect((await house.call('delete', `/purchases/${short}`)).status).toBe(409)
})

test('an order changes while nothing has come, by whoever read it last', async () => {
  const before = await house.shelfOf(PREFORM)
  const number = numberOf(await house.buy(10, { receive: false }))
  const change = (body: object, ifMatch = 1) => house.call('patch', `/purchases/${number}`, { body, ifMatch })
  const line_items = [{ item_id: PREFORM, quantity: 25, unit_price: 3 }]
  expect((await change({ line_items, notes: 'More' })).body).toMatchObject({
    total_amount: 75,
    notes: 'More',
    version: 2,
  })
  expect((await change({ notes: 'Old' })).status).toBe(412)
  expect(await house.shelfOf(PREFORM)).toMatchObject({ incoming: before.incoming + 25 })
  const moved = await change({ supplier_id: 'SUP-002' }, 2)
  expect(moved.body).toMatchObject({ supplier_id: 'SUP-002', supplier_name: 'Resin and Sons', version: 3 })
  expect((await house.call('delete', '/suppliers/SUP-002')).status).toBe(409)
  await change({ supplier_id: 'SUP-001' }, 3)
  await house.take(number, 'receive')
  expect((await change({ line_items }, 5)).body).toMatchObject({ code: 'purchase_state', purchase_status: 'received' })
  expect((await change({ due_date: '2031-01-01' }, 5)).body).toMatchObject({ due_date: '2031-01-01', version: 6 })
})

test('goods go back at what they came in for, whatever the next ones cost', async () => {
  await house.call('post', '/items', { body: { id: 'cap', name: 'Cap', type: 'goods' } })
  const buyCaps = (unit_price: number) =>
    house.buy(0, { line_items: [{ item_id: 'cap', quantity: 100, unit_price }], tax_rate: 10 })
  const [cheap, dear] = [numberOf(await buyCaps(1)), numberOf(await buyCaps(3))]
  const back = (number: string, quantity: number) =>
    house.take(number, 'returns', { line_items: [{ item_id: 'cap', quantity }], reason: 'Wrong colour' })
  expect((await back(dear, 40)).body).toMatchObject({
    ...{ status: 'received', total_amount: 198, owed_amount: 198, line_items: [{ returned_quantity: 40 }] },
    returns: [{ credited: 132, cost: 120, reason: 'Wrong colour', line_items: [{ item_id: 'cap', quantity: 40 }] }],
  })
  expect(await house.shelfOf('cap')).toMatchObject({ onHand: 160, valueMinor: 28_000n })
  expect(await house.bookedFor(dear)).toEqual({ inventory: 18_000n, input_tax: 1_800n, payables: -19_800n })
  expect((await back(dear, 61)).body).toMatchObject({ status: 422, possible: 60 })
  await house.sell([{ item_id: 'cap', quantity: 150 }])
  expect((await back(cheap, 20)).body).toMatchObject({
    status: 400,
    detail: 'Insufficient stock',
    available: 10,
    shortage: 10,
  })
})

test('goods that cost another amount when they leave than the supplier credits leave a variance', async () => {
  await house.call('post', '/items', { body: { id: 'lid', name: 'Lid', type: 'goods' } })
  const line_items = [{ item_id: 'lid', quantity: 100, unit_price: 1 }]
  const first = numberOf(await house.buy(0, { line_items }))
  await house.buy(0, { line_items: [{ item_id: 'lid', quantity: 100, unit_price: 3 }] })
  await house.sell([{ item_id: 'lid', quantity: 100 }])
  await house.take(first, 'returns', { line_items: [{ item_id: 'lid', quantity: 10 }], reason: 'Dents' })
  expect(await house.bookedFor(first)).toEqual({ inventory: 7_000n, stock_variance: 2_000n, payables: -9_000n })
})

test('a bill is paid in parts and ahead of its goods; failed attempts stay on record, and no more is taken than is due', async () => {
  const number = numberOf(await house.buy(100, { receive: false }))
  const pay = (amount: number, more: object = {}) => house.take(number, 'payments', { amount, ...more })
  expect((await pay(50, { status: 'failed' })).body).toMatchObject({ status: 422 })
  expect((await pay(50, { status: 'failed', reason: 'No cover' })).body).toMatchObject({
    payment_status: 'failed',
    amount_due: 200,
  })
  expect((await pay(50, { reference: 'TRX-1' })).body).toMatchObject({ payment_status: 'partial', amount_due: 150 })
  expect(await house.bookedFor(number)).toEqual({ bank: -5_000n, supplier_advances: 5_000n })
  expect((await pay(150.01)).body).toMatchObject({ status: 422, code: 'exceeds_bill', remaining: 150 })
  await house.take(number, 'receive', goods(10))
  expect(await house.bookedFor(number)).toEqual({ bank: -5_000n, supplier_advances: 3_000n, inventory: 2_000n })
  await house.take(number, 'receive')
  expect((await pay(150, { method: 'cash' })).body).toMatchObject({ payment_status: 'paid', amount_due: 0 })
  expect(await house.bookedFor(number)).toEqual({ bank: -5_000n, cash: -15_000n, inventory: 20_000n })
  const list = await house.call('get', `/purchases/${number}/payments`, { role: 'viewer' })
  expect(list.body.map(({ kind, status, amount }: Record<string, unknown>) => [kind, status, amount])).toEqual([
    ['payment', 'failed', 50],
    ['payment', 'succeeded', 50],
    ['payment', 'succeeded', 150],
  ])
  const refund = await house.take(number, 'refunds', { amount: 30, reason: 'Paid twice' })
  expect(refund.body).toMatchObject({ kind: 'refund', payment_status: 'partial', amount_due: 30 })
  expect((await house.take(number, 'refunds', { amount: 171, reason: 'x' })).body).toMatchObject({
    status: 422,
    remaining: 170,
  })
})

test('of many who take in the same goods or pay the same bill at once, one does', async () => {
  const before = await house.shelfOf(PREFORM)
  const number = numberOf(await house.buy(100, { receive: false }))
  expect(tally(await atOnce(8, () => house.take(number, 'receive')))).toEqual({ 200: 1, 409: 7 })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: before.onHand + 100, incoming: before.incoming })
  expect(tally(await atOnce(8, () => house.take(number, 'payments', { amount: 200 })))).toEqual({ 201: 1, 422: 7 })
  expect(await house.bookedFor(number)).toEqual({ inventory: 20_000n, bank: -20_000n })
})

test('a repeat under one key is answered as the first, and has no effect of its own', async () => {
  const before = await counted()
  const bought = await atOnce(5, () => house.buy(7, { key: 'buy-7', receive: false }))
  expect(new Set(bought.map(numberOf)).size).toBe(1)
  expect(await counted()).toBe(before + 1)
  const number = numberOf(bought[0] as { body: { bill_number: string } })
  for (const [step, body] of [
    ['receive', {}],
    ['payments', { amount: 14 }],
    ['returns', { ...goods(1), reason: 'x' }],
  ] as const) {
    const answers = await atOnce(4, () => house.take(number, step, body, { key: `${step}-7` }))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers[0]?.status).toBeLessThan(300)
  }
  const bought7 = await house.call('get', `/purchases/${number}`)
  expect(bought7.body).toMatchObject({ paid_amount: 14, line_items: [{ received_quantity: 7, returned_quantity: 1 }] })
})

test('numbers of a day have no gap, although every second purchase is refused', async () => {
  const made = await atOnce(20, (index) => house.buy(1, index % 2 ? { warehouse_id: 'moon' } : {}))
  expect(tally(made)).toEqual({ 201: 10, 404: 10 })
  const all = await readsOn(house.db).find(purchases, {}, { sort: { _id: 1 } })
  expect(all.map(({ _id }) => Number(_id.slice(-4)))).toEqual(all.map((_, index) => index + 1))
})

test('staff see and change their own purchases alone; viewers read, customers do not', async () => {
  const number = numberOf(await house.buy(1, { userId: 'USER-RAJ', receive: false }))
  const path = `/purchases/${number}`
  expect((await house.call('get', path)).status).toBe(404)
  expect((await house.take(number, 'receive')).status).toBe(404)
  expect((await house.call('get', path, { role: 'admin' })).status).toBe(200)
  expect((await house.call('post', `${path}/receive`, { role: 'viewer', body: {} })).status).toBe(403)
  expect((await house.call('get', path, { role: 'customer' })).status).toBe(403)
  const own = await house.call('get', '/purchases', { userId: 'USER-RAJ', query: { status: 'ordered' } })
  expect(own.body.map(({ created_by }: { created_by: string }) => created_by)).toEqual(['USER-RAJ'])
})

test('purchases are found by supplier, item, state and day', async () => {
  const number = numberOf(await house.buy(3, { supplier_id: 'SUP-002' }))
  const { day } = (await readsOn(house.db).findOne(purchases, { _id: number })) ?? { day: '' }
  const find = async (query: object) => {
    const found = await house.call('get', '/purchases', { role: 'admin', query: { page_size: 100, ...query } })
    return found.body.map(({ bill_number }: { bill_number: string }) => bill_number)
  }
  expect(await find({ supplier_id: 'SUP-002' })).toEqual([number])
  expect((await find({}))[0]).toBe(number)
  expect(await find({ supplier_id: 'SUP-002', from: day, to: day, item_id: PREFORM, unpaid: true })).toEqual([number])
  for (const other of [
    { item_id: 'cap' },
    { overdue: true },
    { status: 'ordered' },
    { to: '2020-01-01' },
    { payment_status: 'paid' },
  ])
    expect(await find({ supplier_id: 'SUP-002', ...other })).toEqual([])
})

test('a dry run answers what would be, and leaves nothing', async () => {
  const before = [await counted(), await house.shelfOf(PREFORM)]
  const dry = await house.buy(5, { query: { dry_run: true } })
  expect(dry.status).toBe(200)
  expect(dry.body).toMatchObject({ dry_run: true, bill_number: null, total_amount: 10, status: 'received' })
  const number = numberOf(await house.buy(5, { receive: false }))
  const pay = (amount: number) =>
    house.call('post', `/purchases/${number}/payments`, { body: { amount }, query: { dry_run: true } })
  expect(await pay(10)).toMatchObject({ status: 200, body: { dry_run: true, payment_status: 'paid', amount_due: 0 } })
  expect((await pay(11)).status).toBe(422)
  expect((await house.call('get', `/purchases/${number}`)).body).toMatchObject({ paid_amount: 0, version: 1 })
  await house.call('delete', `/purchases/${number}`)
  expect([(await counted()) - 1, await house.shelfOf(PREFORM)]).toEqual(before)
})
