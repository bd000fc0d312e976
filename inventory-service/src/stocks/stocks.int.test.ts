import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bookEntryDue } from '@countinghouse/shared/contracts/books'
import { countPosted, stockAdjusted, stockLow } from '@countinghouse/shared/contracts/inventory'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { layers, stocks } from '../stock/store.js'
import { startInventory } from '../testing/service.js'

type Body = Record<string, unknown> & { id: string }

let service: TestService
beforeAll(async () => {
  service = await startInventory({ APPROVAL_THRESHOLD: 1000n })
  for (const id of ['bottle', 'preform', 'other']) await added('/items', { id, name: `Item ${id}`, type: 'preform' })
  await added('/warehouses', { id: 'north', name: 'North' })
})
afterAll(() => service.close())

const call = (
  method: 'get' | 'post' | 'patch' | 'delete',
  path: string,
  body?: object,
  userId = 'raj',
  role = 'staff',
) => {
  const asked = request(service.url)[method](`/api/v1${path}`)
  asked.set('authorization', `Bearer ${service.tokens.userToken(role as 'staff', userId)}`)
  return body ? asked.send(body) : asked
}
const added = async (path: string, body: object): Promise<Body> => {
  const answer = await call('post', path, body)
  expect([answer.status, answer.body]).toMatchObject([201, {}])
  return answer.body as Body
}
const read = async (path: string): Promise<Body> => (await call('get', path)).body as Body
const adjust = (item_id: string, delta: number, more: object = {}) =>
  call('post', '/stocks/adjustments', { item_id, delta, reason: 'other', ...more })

test('a warehouse is added once, edited by version, and stays once goods have been there', async () => {
  expect((await call('post', '/warehouses', { id: 'north', name: 'Again' })).status).toBe(409)
  const edited = await call('patch', '/warehouses/north', { address: 'Ring Road' }).set('if-match', '"1"')
  expect(edited.body).toMatchObject({ name: 'North', address: 'Ring Road', version: 2 })
  expect((await call('patch', '/warehouses/north', { notes: 'x' }).set('if-match', '"1"')).status).toBe(412)
  await added('/warehouses', { id: 'spare', name: 'Spare' })
  expect((await call('delete', '/warehouses/spare')).status).toBe(204)
  expect((await call('delete', '/warehouses/main')).status).toBe(409)
  expect((await call('get', '/warehouses/spare')).status).toBe(404)
})

test('an opening stock has a worth, and what is found is worth what its like cost', async () => {
  const opened = await adjust('bottle', 100, { reason: 'opening', value: 211 })
  expect([opened.status, opened.body]).toMatchObject([201, { delta: 100, value: 211, on_hand_after: 100 }])
  const found = await adjust('bottle', 50, { reason: 'miscount' })
  expect(found.body).toMatchObject({ value: 105.5 })
  expect(await read('/stocks/bottle')).toMatchObject({
    ...{
      item_id: 'bottle',
      item_name: 'Item bottle',
      quantity: 150,
      on_hand: 150,
      reserved: 0,
      incoming: 0,
      value: 316.5,
    },
    warehouses: [{ warehouse_id: 'main', quantity: 150 }],
  })
  expect((await adjust('bottle', -1, { reason: 'opening' })).status).toBe(422)
  expect((await adjust('bottle', 0)).status).toBe(422)
})

test('goods that are gone leave at cost, into the books; more than there are is refused in the shape of a sale', async () => {
  const lost = await adjust('bottle', -10, { reason: 'theft', note: 'Gate 2' })
  expect(lost.body).toMatchObject({ value: -21.1, created_by: 'raj', note: 'Gate 2' })
  const { id } = lost.body as Body
  const entries = await announced(service.db, bookEntryDue)
  expect(entries.find(({ subject }) => subject === id)).toMatchObject({
    source: 'inventory-service',
    actor: 'user:raj',
    data: {
      lines: [
        { account: 'inventory', side: 'credit', amount_minor: '2110' },
        { account: 'stock_variance', side: 'debit' },
      ],
    },
  })
  expect((await announced(service.db, stockAdjusted)).at(-1)?.data).toMatchObject({ reason: 'theft', delta: -10 })
  const refused = await adjust('bottle', -1000)
  expect([refused.status, refused.body]).toMatchObject([
    400,
    { detail: 'Insufficient stock', item_id: 'bottle', available: 140, requested: 1000, shortage: 860 },
  ])
})

test('the same key adjusts once', async () => {
  const ask = () => adjust('bottle', 1).set('idempotency-key', 'one-more')
  const [first, second] = await Promise.all([ask(), ask()])
  expect([first.status, second.status]).toEqual([201, 201])
  expect(first.body).toEqual(second.body)
  expect(await read('/stocks/bottle')).toMatchObject({ on_hand: 141 })
})

test('an adjustment worth more than the threshold waits for two others', async () => {
  const waiting = await adjust('other', 1000, { reason: 'opening', value: 5000 })
  expect([waiting.status, waiting.body]).toMatchObject([202, { kind: 'stock_adjustment', amount: 5000 }])
  const { approval_id } = waiting.body as { approval_id: string }
  expect(await read('/stocks/other')).toMatchObject({ on_hand: 0 })
  const approve = (userId: string) => call('post', `/approvals/${approval_id}/approve`, {}, userId)
  expect((await approve('raj')).status).toBe(403)
  for (const userId of ['ana', 'tom']) expect((await approve(userId)).status).toBe(200)
  expect(await read('/stocks/other')).toMatchObject({ on_hand: 1000, value: 5000 })
})

test('a transfer takes goods and their cost to another warehouse', async () => {
  const lines = [{ item_id: 'bottle', quantity: 41 }]
  const moved = await added('/stocks/transfers', {
    from_warehouse_id: 'main',
    to_warehouse_id: 'north',
    line_items: lines,
  })
  expect(moved).toMatchObject({ line_items: [{ quantity: 41, value: 86.51 }] })
  const { warehouses } = await read('/stocks/bottle')
  expect(warehouses).toMatchObject([
    { warehouse_id: 'main', on_hand: 100 },
    { warehouse_id: 'north', on_hand: 41 },
  ])
  expect(await read('/stocks/bottle?warehouse_id=north')).toMatchObject({ quantity: 41, value: 86.51 })
  const same = { from_warehouse_id: 'main', to_warehouse_id: 'main', line_items: lines }
  expect((await call('post', '/stocks/transfers', same)).status).toBe(422)
  const nowhere = { ...same, to_warehouse_id: 'nowhere' }
  expect((await call('post', '/stocks/transfers', nowhere)).body).toMatchObject({ code: 'warehouse_not_found' })
})

test('the history shows each move once, the newest first, page by page', async () => {
  const first = await call('get', '/stocks/bottle/history?page_size=4')
  const next = /<([^>]+)>; rel="next"/.exec(first.headers['link'] as string)?.[1] ?? ''
  const rest = await call('get', next.replace('/api/v1', ''))
  const moves = [...(first.body as Body[]), ...(rest.body as Body[])]
  expect(moves.map(({ seq }) => seq)).toEqual([6, 5, 4, 3, 2, 1])
  expect(moves[0]).toMatchObject({ type: 'transfer', warehouse_id: 'north', quantity: 41, on_hand_after: 41 })
  expect(moves[3]).toMatchObject({
    type: 'adjustment',
    quantity: -10,
    cause: { kind: 'stock_adjustment' },
    actor: 'user:raj',
  })
  expect((await call('get', '/stocks/none/history')).status).toBe(404)
})

test('a method of valuation is fixed, and an item stays, once it has had stock', async () => {
  expect((await call('patch', '/items/bottle', { valuation_method: 'average' })).body).toMatchObject({
    code: 'valuation_fixed',
  })
  expect((await call('delete', '/items/bottle')).body).toMatchObject({ code: 'item_in_use' })
  expect((await call('patch', '/items/preform', { valuation_method: 'average' })).status).toBe(200)
})

test('who counts, counts again, reviews and posts are different people, and counters do not see what is expected', async () => {
  const count = await added('/stock-counts', { item_ids: ['bottle', 'other'] })
  const step = (name: string, userId: string, body?: object) =>
    call('post', `/stock-counts/${count.id}/${name}`, body ?? {}, userId)
  const lines = (...quantities: [string, number][]) => ({
    line_items: quantities.map(([item_id, quantity]) => ({ item_id, quantity })),
  })
  const counted = await step('counts', 'ana', lines(['bottle', 97], ['other', 1000]))
  expect(counted.body).toMatchObject({
    status: 'recount',
    line_items: [
      { item_id: 'bottle', is_due: true, expected: null, counted: null },
      { item_id: 'other', is_due: false },
    ],
  })
  expect((await step('counts', 'ana', lines(['bottle', 98]))).body).toMatchObject({ code: 'stock_count_same_person' })
  expect((await step('counts', 'tom', lines(['other', 1]))).body).toMatchObject({ code: 'not_to_be_counted' })
  // Goods go on moving: what left after the count is not counted twice.
  expect((await step('counts', 'tom', lines(['bottle', 98]))).body).toMatchObject({ status: 'review' })
  await adjust('bottle', -8)
  expect((await step('review', 'tom', { verdict: 'approve' })).status).toBe(403)
  expect((await step('post', 'eve')).body).toMatchObject({ code: 'stock_count_state' })
  expect((await step('review', 'raj', { verdict: 'approve' })).body).toMatchObject({
    status: 'approved',
    line_items: [{ expected: 100, counted: 98, variance: -2 }, { variance: 0 }],
  })
  for (const userId of ['ana', 'tom', 'raj'])
    expect((await call('post', `/stock-counts/${count.id}/post`, {}, userId, 'admin')).status).toBe(403)
  const posted = await Promise.all(['eve', 'zoe'].map((userId) => step('post', userId)))
  expect(posted.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(await read('/stocks/bottle?warehouse_id=main')).toMatchObject({ on_hand: 90 })
  expect(await read(`/stock-counts/${count.id}`)).toMatchObject({
    status: 'posted',
    line_items: [{ value: -4.22 }, { value: 0 }],
  })
  const told = (await announced(service.db, countPosted)).filter(({ subject }) => subject === count.id)
  expect(told.map(({ data }) => data)).toMatchObject([
    {
      lines: [
        { item_id: 'bottle', expected: 100, counted: 98, value_minor: '-422' },
        { item_id: 'other', expected: 1000, counted: 1000, value_minor: '0' },
      ],
      ...{ counted_by: 'ana', recounted_by: 'tom', reviewed_by: 'raj' },
    },
  ])
})

test('a count that finds more missing than the threshold waits for approval, and those who counted have no say', async () => {
  await added('/items', { id: 'dear', name: 'Dear', type: 'goods' })
  await adjust('dear', 20, { reason: 'opening', value: 1000 })
  await adjust('dear', 180, { reason: 'miscount', value: 1000 })
  const prepared = async () => {
    const { id } = await added('/stock-counts', { item_ids: ['dear'] })
    const entry = { line_items: [{ item_id: 'dear', quantity: 30 }] }
    for (const userId of ['ana', 'tom']) await call('post', `/stock-counts/${id}/counts`, entry, userId)
    await call('post', `/stock-counts/${id}/review`, { verdict: 'approve' }, 'raj')
    const posted = await call('post', `/stock-counts/${id}/post`, {}, 'eve')
    expect([posted.status, posted.body]).toMatchObject([202, { kind: 'stock_count' }])
    return { id, approval: (posted.body as { approval_id: string }).approval_id }
  }
  const decide = (approval: string, userId: string) => call('post', `/approvals/${approval}/approve`, {}, userId)
  const dropped = await prepared()
  expect((await call('post', `/stock-counts/${dropped.id}/cancel`, {})).body).toMatchObject({ status: 'cancelled' })
  expect((await decide(dropped.approval, 'max')).body).toMatchObject({ status: 409, approval_status: 'void' })
  const { id, approval } = await prepared()
  expect((await call('post', `/stock-counts/${id}/post`, {}, 'zoe')).body).toMatchObject({ code: 'approval_pending' })
  for (const userId of ['eve', 'ana', 'tom']) expect((await decide(approval, userId)).status).toBe(403)
  expect(await read('/stocks/dear')).toMatchObject({ on_hand: 200 })
  await decide(approval, 'max')
  expect((await decide(approval, 'zoe')).body).toMatchObject({ status: 'approved', result: id })
  expect(await read('/stocks/dear')).toMatchObject({ on_hand: 30 })
  expect(await read(`/stock-counts/${id}`)).toMatchObject({ status: 'posted', posted_by: 'eve' })
})

test('an item below its threshold is on the list, is announced once, and an order for it is suggested once', async () => {
  await call('patch', '/items/preform', { low_stock_threshold: 100, reorder_quantity: 500, reorder_multiple: 300 })
  const listed = async () => (await call('get', '/alerts/low-stock')).body as Body[]
  await adjust('preform', 150, { reason: 'opening', value: 300 })
  expect((await listed()).map(({ item_id }) => item_id)).not.toContain('preform')
  await adjust('preform', -60)
  await adjust('preform', -10)
  expect(await listed()).toMatchObject([{ item_id: 'preform', quantity: 80, threshold: 100, shortage: 20 }])
  const lows = (await announced(service.db, stockLow)).filter(({ subject }) => subject === 'preform')
  expect(lows.map(({ data }) => data)).toMatchObject([{ available: 0 }, { available: 90 }])
  const suggested = await eventually(async () => {
    const found = (await call('get', '/reorder-suggestions')).body as Body[]
    expect(found).toMatchObject([{ item_id: 'preform', quantity: 600, reorder_point: 100 }])
    return found
  })
  await call('post', '/suppliers', { id: 'SUP-1', name: 'Polymer Works' })
  const id = suggested[0]?.id ?? ''
  const answers = await Promise.all(
    [1, 2].map(() => call('post', `/reorder-suggestions/${id}/accept`, { supplier_id: 'SUP-1' })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  const { purchase_number } = answers.find(({ status }) => status === 201)?.body as { purchase_number: string }
  expect(await read(`/purchases/${purchase_number}`)).toMatchObject({
    status: 'draft',
    line_items: [{ item_id: 'preform', quantity: 600 }],
  })
  expect((await call('get', '/reorder-suggestions')).body).toEqual([])
})

test('anyone may ask whether an item can be had, and learns neither number nor price', async () => {
  const ask = (path: string) => request(service.url).get(path)
  const anonymous = await ask('/availability?item_id=bottle')
  expect(anonymous.body).toEqual({
    ...{
      item_id: 'bottle',
      name: 'Item bottle',
      size: null,
      grade: null,
      unit: 'pcs',
      available: true,
      band: '100-999',
    },
    as_of: expect.any(String),
  })
  const machine = ask('/api/v1/availability?item_id=preform').set('x-api-key', service.tokens.apiKey('availability'))
  expect((await machine).body).toMatchObject({ band: '10-99' })
  expect((await ask('/availability?item_id=none')).status).toBe(404)
})

test('viewers read and change nothing, customers see none of it', async () => {
  for (const path of ['/stocks', '/warehouses', '/stock-counts', '/alerts/low-stock']) {
    expect((await call('get', path, undefined, 'eve', 'viewer')).status).toBe(200)
    expect((await call('get', path, undefined, 'eve', 'customer')).status).toBe(403)
  }
  const body = { item_id: 'bottle', delta: 1, reason: 'other' }
  expect((await call('post', '/stocks/adjustments', body, 'eve', 'viewer')).status).toBe(403)
  expect((await call('get', '/stocks/check')).status).toBe(403)
})

test('the check of the stock finds what does not add up', async () => {
  const check = async () => (await call('get', '/stocks/check', undefined, 'boss', 'admin')).body as Body
  expect(await check()).toMatchObject({ ok: true, items: 4, problem_count: 0 })
  await inTransaction(service.db, async (tx) => {
    await tx.update(stocks, { _id: 'bottle' }, { $inc: { 'levels.0.onHand': 5 } })
    await tx.update(layers, { itemId: 'other' }, { $inc: { usedQuantity: 1 } })
  })
  const { ok, problems } = await check()
  expect(ok).toBe(false)
  expect((problems as { about: string; what: string }[]).map(({ about, what }) => `${about}: ${what}`)).toEqual(
    expect.arrayContaining([
      'bottle in main: on hand, by its moves',
      'bottle in main: on hand, by its layers',
      'other in main: on hand, by its layers',
    ]),
  )
})
