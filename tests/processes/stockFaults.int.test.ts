import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { runReady, walletSettings, type CleanUps } from './alone.js'

const cleanUps: CleanUps = []
let office: TokenOffice
let settings: Awaited<ReturnType<typeof walletSettings>>
beforeAll(async () => {
  office = await openTokenOffice()
  cleanUps.push(() => office.close())
  settings = { ...(await walletSettings(cleanUps)), AUTH_URL: office.authUrl }
})
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const start = (faultPoint?: string) => {
  const environment = { ...settings, WALLET_URL: 'http://127.0.0.1:1', SAMPLE_DATA: 'off' }
  return runReady('inventory-service', environment, cleanUps, faultPoint)
}

type Made = { id?: string; bill_number?: string }
type Request = { path: string; body: object; userId: string; key: string }
const asked = (path: string, body: object, userId = 'boss'): Request => ({ path, body, userId, key: uuidv7() })

const send = async ({ path, body, userId, key }: Request): Promise<{ status: number; body: Made }> => {
  const token = office.userToken('admin', userId)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }
  const response = await fetch(`http://127.0.0.1:${settings.PORT}${path}`, {
    ...{ method: 'POST', headers, body: JSON.stringify(body) },
  })
  return { status: response.status, body: (await response.json()) as Made }
}
const done = async (request: Request): Promise<string> => {
  const { status, body } = await send(request)
  expect([status < 300, body]).toEqual([true, body])
  return body.id ?? body.bill_number ?? ''
}
const get = async (path: string): Promise<unknown> => {
  const headers = { authorization: `Bearer ${office.userToken('admin', 'boss')}` }
  return (await fetch(`http://127.0.0.1:${settings.PORT}${path}`, { headers })).json()
}

/** Preforms and bottles in stock, and one request of every kind that moves goods, none of them sent yet. */
const prepare = async (round: number) => {
  const item = `item-${round.toString()}`
  const bottle = `bottle-${round.toString()}`
  await done(asked('/items', { id: item, name: item, type: 'preform' }))
  await done(asked('/items', { id: bottle, name: bottle, type: 'bottle' }))
  await done(asked('/stocks/adjustments', { item_id: item, delta: 100, reason: 'opening', value: 100 }))
  const line_items = [{ item_id: item, quantity: 10, unit_price: 2 }]
  const blow = (input_quantity: number) =>
    asked('/blows', { from_item_id: item, to_item_id: bottle, input_quantity, quantity: 9, blow_cost_per_unit: 0.07 })
  const bought = await done(asked('/purchases', { supplier_id: 'SUP-1', line_items }))
  const blown = await done(blow(10))
  const count = await done(asked('/stock-counts', { item_ids: [item] }))
  for (const userId of ['ana', 'tom']) {
    const counted = { line_items: [{ item_id: item, quantity: 98 }] }
    await done(asked(`/stock-counts/${count}/counts`, counted, userId))
  }
  await done(asked(`/stock-counts/${count}/review`, { verdict: 'approve' }, 'eve'))
  const requests = [
    asked(`/stock-counts/${count}/post`, {}, 'zoe'),
    asked('/stocks/adjustments', { item_id: item, delta: -5, reason: 'damage' }),
    asked('/stocks/transfers', { from_warehouse_id: 'main', to_warehouse_id: 'north', line_items: [{ item_id: item, quantity: 7 }] }), // prettier-ignore
    asked('/sales', { customer_id: 'CUST-1', line_items }),
    asked('/purchases', { supplier_id: 'SUP-1', line_items }),
    asked(`/purchases/${bought}/returns`, { line_items: [{ item_id: item, quantity: 3 }], reason: 'Dents' }),
    blow(20),
    asked(`/blows/${blown}/reverse`, { reason: 'Wrong mould' }),
  ]
  return { item, bottle, requests }
}

test('killed between any two steps of a commit, a service that comes back has done each request once', async () => {
  let running = await start()
  await done(asked('/warehouses', { id: 'north', name: 'North' }))
  await done(asked('/trade-customers', { id: 'CUST-1', name: 'ABC Grocery' }))
  await done(asked('/suppliers', { id: 'SUP-1', name: 'Polymer Works' }))
  const points = ['stock:before-commit', 'stock:committed']
  const rounds = [await prepare(1), await prepare(2)]
  for (const [index, point] of points.entries()) {
    running.process.kill('SIGKILL')
    await running.exitCode
    running = await start(point)
    const sent = rounds.slice(0, index + 1).flatMap(({ requests }) => requests)
    const answers = sent.map((request) => send(request).catch(() => undefined))
    await running.exitCode
    expect(await Promise.all(answers)).toContain(undefined)
  }
  await start()
  for (const { item, bottle, requests } of rounds) {
    const answers = await Promise.all(requests.map(send))
    expect(answers.filter(({ status }) => status >= 300)).toEqual([])
    expect(await Promise.all(requests.map(send))).toEqual(answers)
    // 100 − 2 counted − 5 damaged − 10 sold + 10 bought − 3 sent back − 20 blown + 10 from the blowing taken back
    expect(await get(`/stocks/${item}`)).toMatchObject({ on_hand: 80, warehouses: [{ on_hand: 73 }, { on_hand: 7 }] })
    expect(await get(`/stocks/${bottle}`)).toMatchObject({ on_hand: 9 })
  }
  expect(await get('/stocks/check')).toMatchObject({ ok: true, problems: [] })
}, 240_000)
