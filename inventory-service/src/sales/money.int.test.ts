import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { saleCancelled, saleGoodsReturned } from '@countinghouse/shared/contracts/sales'
import { announced } from '@countinghouse/shared/testing/events'
import { pdfText } from '@countinghouse/shared/testing/pdfText'
import { AMBER, atOnce, openTradeHouse, tally, type TradeHouse } from '../testing/trade.js'

let house: TradeHouse
beforeAll(async () => {
  house = await openTradeHouse()
  await house.stocked(AMBER, 10_000, 2_110_000n)
})
afterAll(() => house.close())

/** A sale of 100 bottles that comes to 400.00 and cost 211.00. */
const sold = async (): Promise<string> => {
  const made = await house.sell([{ item_id: AMBER, quantity: 100 }])
  return made.body.bill_number as string
}
const post = (number: string, what: string, body: object = {}, more: object = {}) =>
  house.call('post', `/sales/${number}/${what}`, { body, ...more })
const read = async (number: string) => (await house.call('get', `/sales/${number}`)).body

test('a bill is paid in parts, each recorded, and not beyond what is owed', async () => {
  const number = await sold()
  const first = await post(number, 'payments', { amount: 150, method: 'bank', reference: 'UTR 17' })
  expect(first.status).toBe(201)
  expect(first.body).toMatchObject({ amount: 150, status: 'succeeded', payment_status: 'partial', amount_due: 250 })
  const tooMuch = await post(number, 'payments', { amount: 250.01 })
  expect(tooMuch.body).toMatchObject({ status: 422, code: 'exceeds_bill', remaining: 250 })
  const would = await post(number, 'payments', {}, { query: { dry_run: true } })
  expect([would.status, would.body.dry_run, would.body.payment_status]).toEqual([200, true, 'paid'])
  expect((await post(number, 'payments')).body).toMatchObject({ amount: 250, payment_status: 'paid' })
  expect((await post(number, 'payments')).body.code).toBe('nothing_due')
  expect(await read(number)).toMatchObject({ payment_status: 'paid', paid_amount: 400, status: 'confirmed' })
  const listed = await house.call('get', `/sales/${number}/payments`)
  expect(listed.body.map(({ amount }: { amount: number }) => amount)).toEqual([150, 250])
  expect(await house.bookedFor(number)).toEqual({
    ...{ bank: 15_000n, cash: 25_000n, sales_revenue: -40_000n, cost_of_goods_sold: 21_100n, inventory: -21_100n },
  })
})

test('of many who pay the whole bill at once one does, and a repeat under its key is the same payment', async () => {
  const number = await sold()
  expect(tally(await atOnce(5, () => post(number, 'payments', { amount: 400 })))).toEqual({ 201: 1, 422: 4 })
  const other = await sold()
  const repeats = await atOnce(4, () => post(other, 'payments', { amount: 100 }, { key: `pay-${other}` }))
  expect(tally(repeats)).toEqual({ 201: 4 })
  expect(new Set(repeats.map(({ body }) => body.id)).size).toBe(1)
  expect((await read(other)).paid_amount).toBe(100)
})

test('a shipped sale is not cancelled, and a paid one is paid when it is shipped', async () => {
  const number = await sold()
  const shipped = await house.call('patch', `/sales/${number}`, { body: { status: 'shipped' } })
  expect(shipped.body).toMatchObject({ status: 'shipped', version: 2 })
  expect((await post(number, 'cancel')).body).toMatchObject({ status: 409, sale_status: 'shipped' })
  expect((await house.call('delete', `/sales/${number}`)).status).toBe(409)
  await post(number, 'payments')
  expect((await read(number)).status).toBe('paid')
})

test('a cancelled sale puts its goods back at their cost and keeps its number; what was paid is refunded', async () => {
  const before = await house.levelOf(AMBER)
  const number = await sold()
  await post(number, 'payments', { amount: 150 })
  const cancelled = await atOnce(3, () => post(number, 'cancel'))
  expect(tally(cancelled)).toEqual({ 200: 1, 409: 2 })
  expect(await house.levelOf(AMBER)).toEqual(before)
  expect(await read(number)).toMatchObject({ status: 'cancelled', credit: 150, amount_due: 0 })
  expect((await house.call('delete', `/sales/${number}`)).body.code).toBe('sale_has_payments')
  expect((await post(number, 'payments')).body.code).toBe('sale_cancelled')
  expect((await post(number, 'refunds', { amount: 150.01, reason: 'Cancelled' })).status).toBe(422)
  expect((await post(number, 'refunds', { amount: 150, reason: 'Cancelled' })).status).toBe(201)
  expect(await house.bookedFor(number)).toEqual({ sales_revenue: -40_000n, sales_returns: 40_000n })
  expect((await announced(house.db, saleCancelled)).filter(({ subject }) => subject === number)).toHaveLength(1)
  expect((await house.call('delete', `/sales/${number}`)).status).toBe(204)
  expect((await house.call('get', `/sales/${number}`)).body).toMatchObject({ status: 404, bill_number: number })
})

test('a deleted sale is gone from every list, and its number is not given again', async () => {
  const [before, number] = [await house.levelOf(AMBER), await sold()]
  expect((await house.call('delete', `/sales/${number}`)).status).toBe(204)
  expect((await house.call('delete', `/sales/${number}`)).status).toBe(404)
  expect(await house.levelOf(AMBER)).toEqual(before)
  const list = await house.call('get', '/sales', { query: { search: number } })
  expect(list.body).toEqual([])
  expect(Number((await sold()).slice(-4))).toBe(Number(number.slice(-4)) + 1)
})

test('goods come back at the cost of their issue, and a credit note lessens the bill', async () => {
  const number = await sold()
  const before = await house.levelOf(AMBER)
  const first = await post(number, 'returns', { line_items: [{ item_id: AMBER, quantity: 33 }], reason: 'Caps leak' })
  expect(first.status).toBe(201)
  expect(first.body).toMatchObject({ credited: 132, line_items: [{ quantity: 33, cost: 69.63 }] })
  expect(await house.levelOf(AMBER)).toEqual({ onHand: before.onHand + 33, valueMinor: before.valueMinor + 6_963n })
  expect(await read(number)).toMatchObject({ credited_amount: 132, amount_due: 268, total_price: 400 })
  const lost = { line_items: [{ item_id: AMBER, quantity: 67 }], restock: false, reason: 'Broken' }
  expect((await post(number, 'returns', lost)).body).toMatchObject({ credited: 268, restocked: false })
  expect((await house.levelOf(AMBER)).onHand).toBe(before.onHand + 33)
  expect((await post(number, 'returns', lost)).body).toMatchObject({ status: 422, code: 'return_above_sold', sold: 0 })
  expect(await house.bookedFor(number)).toEqual({
    ...{ sales_revenue: -40_000n, sales_returns: 40_000n, cost_of_goods_sold: 14_137n, inventory: -14_137n },
  })
  const notes = await house.call('get', `/sales/${number}/returns`)
  expect(notes.body).toHaveLength(2)
  expect((await announced(house.db, saleGoodsReturned)).filter(({ subject }) => subject === number)).toHaveLength(2)
})

test('of two returns of all goods at once one is taken', async () => {
  const number = await sold()
  const all = { line_items: [{ item_id: AMBER, quantity: 100 }], reason: 'Wrong size' }
  expect(tally(await atOnce(3, () => post(number, 'returns', all)))).toEqual({ 201: 1, 422: 2 })
})

test('a payment made twice is refunded, and the stock is left alone', async () => {
  const number = await sold()
  for (let time = 0; time < 2; time++) await post(number, 'payments', { amount: 150 })
  const before = await house.levelOf(AMBER)
  const refunded = await post(number, 'refunds', { amount: 150, method: 'bank', reason: 'Paid twice' })
  expect(refunded.body).toMatchObject({ amount: 150, method: 'bank', reason: 'Paid twice', status: 'succeeded' })
  expect(await read(number)).toMatchObject({ paid_amount: 150, amount_due: 250, payment_status: 'partial' })
  expect(await house.levelOf(AMBER)).toEqual(before)
  expect((await house.call('get', `/sales/${number}/refunds`)).body).toHaveLength(1)
  expect(await house.bookedFor(number)).toMatchObject({ cash: 30_000n, bank: -15_000n, receivables: 25_000n })
})

test('the invoice is a PDF, for whoever may read the sale; viewers do not learn to whom it went', async () => {
  const number = await sold()
  const invoice = await house.call('get', `/sales/${number}/invoice`)
  expect([invoice.status, invoice.headers['content-type']]).toEqual([200, 'application/pdf'])
  expect(invoice.headers['content-disposition']).toContain(`${number}.pdf`)
  expect((invoice.body as Buffer).subarray(0, 5).toString()).toBe('%PDF-')
  const seen = await house.call('get', `/sales/${number}/invoice`, { role: 'viewer' })
  const { customer_name: name } = (await house.call('get', `/sales/${number}`)).body as { customer_name: string }
  const words = [invoice, seen].map(({ body }) => pdfText(body as Buffer).join(' '))
  expect(words.map((text) => text.includes(name))).toEqual([true, false])
  expect((await house.call('get', `/sales/${number}/invoice`, { userId: 'somebody-else' })).status).toBe(404)
})

test('due date and notes are changed by whoever read the newest version, and a bill never falls due before its day', async () => {
  const number = await sold()
  const edit = (body: object, ifMatch?: number) =>
    house.call('patch', `/sales/${number}`, { body, ...(ifMatch !== undefined && { ifMatch }) })
  expect((await edit({ notes: 'Call first' }, 1)).body).toMatchObject({ notes: 'Call first', version: 2 })
  expect((await edit({ due_date: '2099-01-01' }, 1)).status).toBe(412)
  expect((await edit({ due_date: '2099-01-01' })).body).toMatchObject({ due_date: '2099-01-01', version: 3 })
  expect((await edit({ due_date: '2020-01-01' })).body.code).toBe('due_before_sale')
  expect((await edit({ status: 'confirmed' })).status).toBe(422)
})
