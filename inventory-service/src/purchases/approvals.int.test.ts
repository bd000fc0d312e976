import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { PREFORM, openBuyingHouse, type BuyingHouse } from '../testing/purchases.js'
import { atOnce, tally } from '../testing/trade.js'
import { purchases } from './store.js'

let house: BuyingHouse
beforeAll(async () => {
  house = await openBuyingHouse({ APPROVAL_THRESHOLD: 1_000n })
})
afterAll(() => house.close())

const counted = () => readsOn(house.db).count(purchases, {})
const decide = (id: string, userId: string, verdict = 'approve') =>
  house.call('post', `/approvals/${id}/${verdict}`, { userId, body: {} })
const approved = async (id: string) => {
  expect((await decide(id, 'USER-A')).body).toMatchObject({ status: 'pending' })
  return decide(id, 'USER-B')
}
/** A supplier of the test's own, whose day begins with nothing. */
const supplier = async (id: string) => {
  await house.call('post', '/suppliers', { body: { id, name: id } })
  return id
}

test('a purchase above the threshold has no effect until two others approved it', async () => {
  const before = await house.shelfOf(PREFORM)
  const waiting = await house.buy(501, { key: 'large' })
  expect(waiting).toMatchObject({ status: 202, body: { status: 'pending_approval', amount: 1002 } })
  const id = waiting.body.approval_id
  expect(await counted()).toBe(0)
  expect(await house.shelfOf(PREFORM)).toEqual(before)
  expect((await house.buy(501, { key: 'large' })).body).toEqual(waiting.body)
  const shown = await house.call('get', `/approvals/${id}`, { userId: 'USER-A' })
  expect(shown.body.document).toMatchObject({
    act: 'make',
    line_items: [{ item_id: PREFORM, quantity: 501, unit_price: 2 }],
  })
  expect((await decide(id, 'staff-user')).status).toBe(403)
  expect(
    (await house.call('post', `/approvals/${id}/approve`, { role: 'admin', userId: 'staff-user', body: {} })).status,
  ).toBe(403)
  const done = await approved(id)
  expect(done.body).toMatchObject({ status: 'approved' })
  const bill = await house.call('get', `/purchases/${done.body.result}`)
  expect(bill.body).toMatchObject({ status: 'received', total_amount: 1002, created_by: 'staff-user' })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: before.onHand + 501 })
  expect(await house.bookedFor(done.body.result)).toEqual({ inventory: 100_200n, payables: -100_200n })
})

test('two who give the last approval at once receive the goods once', async () => {
  const before = await house.shelfOf(PREFORM)
  const { approval_id: id } = (await house.buy(600)).body
  await decide(id, 'USER-A')
  const answers = await atOnce(4, (index) => decide(id, `USER-${'BCDE'.charAt(index)}`))
  expect(tally(answers)).toEqual({ 200: 1, 409: 3 })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ onHand: before.onHand + 600 })
})

test('a rejected purchase never was', async () => {
  const before = [await counted(), await house.shelfOf(PREFORM)]
  const { approval_id: id } = (await house.buy(600)).body
  expect((await decide(id, 'USER-A', 'reject')).body).toMatchObject({ status: 'rejected' })
  expect((await decide(id, 'USER-B')).status).toBe(409)
  expect([await counted(), await house.shelfOf(PREFORM)]).toEqual(before)
})

test('purchases from one supplier add up over the day, however many are made at once', async () => {
  const supplier_id = await supplier('SUP-SPLIT')
  const made = await atOnce(6, () => house.buy(150, { supplier_id }))
  expect(tally(made)).toEqual({ 201: 3, 202: 3 })
  expect((await house.buy(50, { supplier_id })).status).toBe(201)
  expect((await house.buy(1, { supplier_id })).status).toBe(202)
  expect((await house.buy(150, { supplier_id: await supplier('SUP-OTHER') })).status).toBe(201)
})

test('what nobody could do is not put before those who approve', async () => {
  expect((await house.buy(600, { warehouse_id: 'moon' })).status).toBe(404)
})

test('a waiting purchase that is written anew takes the place of the first, whose approvals are void', async () => {
  const { approval_id: first } = (await house.buy(600)).body
  await decide(first, 'USER-A')
  const second = await house.buy(700, { replaces: first })
  expect(second).toMatchObject({ status: 202, body: { approvals: { given: 0, needed: 2 } } })
  expect((await decide(first, 'USER-B')).body).toMatchObject({ status: 409, approval_status: 'void' })
  expect((await approved(second.body.approval_id)).body).toMatchObject({ status: 'approved' })
})

test('an order that was approved is approved anew when it changes, and stands as it was until then', async () => {
  const ordered = await house.buy(600, { receive: false })
  const number = (await approved(ordered.body.approval_id)).body.result
  const change = (quantity: number) =>
    house.call('patch', `/purchases/${number}`, {
      body: { line_items: [{ item_id: PREFORM, quantity, unit_price: 2 }] },
    })
  const [first, second] = [await change(700), await change(800)]
  expect([first.status, second.status]).toEqual([202, 202])
  expect((await decide(first.body.approval_id, 'USER-A')).body).toMatchObject({ approval_status: 'void' })
  expect((await house.call('get', `/purchases/${number}`)).body).toMatchObject({ total_amount: 1200 })
  await approved(second.body.approval_id)
  expect((await house.call('get', `/purchases/${number}`)).body).toMatchObject({
    total_amount: 1600,
    status: 'ordered',
  })
})

test('any step with an order voids the change of it that waits', async () => {
  const number = (await approved((await house.buy(600, { receive: false })).body.approval_id)).body.result
  const body = { line_items: [{ item_id: PREFORM, quantity: 900, unit_price: 2 }] }
  const waits = async () => (await house.call('patch', `/purchases/${number}`, { body })).body.approval_id
  const first = await waits()
  await house.call('patch', `/purchases/${number}`, { body: { notes: 'Call before delivery' } })
  expect((await decide(first, 'USER-A')).body).toMatchObject({ approval_status: 'void' })
  const second = await waits()
  await house.take(number, 'receive')
  expect((await decide(second, 'USER-A')).body).toMatchObject({ approval_status: 'void' })
  expect((await house.call('get', `/purchases/${number}`)).body).toMatchObject({
    status: 'received',
    total_amount: 1200,
  })
})

test('a draft is only a wish; to order it takes the approval that the purchase would', async () => {
  const supplier_id = await supplier('SUP-DRAFT')
  const before = await house.shelfOf(PREFORM)
  const [small, large] = [
    await house.buy(10, { supplier_id, draft: true }),
    await house.buy(600, { supplier_id, draft: true }),
  ]
  expect([small.status, large.status]).toEqual([201, 201])
  expect(large.body).toMatchObject({ status: 'draft' })
  expect((await house.take(large.body.bill_number, 'receive')).status).toBe(409)
  expect((await house.take(small.body.bill_number, 'order')).body).toMatchObject({ status: 'ordered' })
  const waiting = await house.take(large.body.bill_number, 'order')
  expect(waiting.status).toBe(202)
  expect(await house.shelfOf(PREFORM)).toMatchObject({ incoming: before.incoming + 10 })
  expect((await approved(waiting.body.approval_id)).body).toMatchObject({ result: large.body.bill_number })
  expect(await house.shelfOf(PREFORM)).toMatchObject({ incoming: before.incoming + 610 })
})
