import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openTokenOffice, type TokenOffice } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { openCardOffice, type CardOffice } from '../../inventory-service/src/testing/cardOffice.js'
import { runReady, walletSettings, type CleanUps } from './alone.js'

const cleanUps: CleanUps = []
let office: TokenOffice
let cards: CardOffice
let settings: Awaited<ReturnType<typeof walletSettings>> & Record<string, string>
beforeAll(async () => {
  office = await openTokenOffice()
  cards = await openCardOffice()
  cleanUps.push(
    () => office.close(),
    () => cards.close(),
  )
  const surroundings = { AUTH_URL: office.authUrl, WALLET_URL: cards.url, SAMPLE_DATA: 'off' }
  settings = { ...(await walletSettings(cleanUps)), ...surroundings, APPROVALS_REQUIRED: '1' }
})
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

const start = (faultPoint?: string) => runReady('inventory-service', settings, cleanUps, faultPoint)

type Body = Record<string, unknown>
type Request = { path: string; body: object; userId: string; key: string }
const asked = (path: string, body: object = {}, userId = 'boss'): Request => ({ path, body, userId, key: uuidv7() })

const call = async (method: string, { path, body, userId, key }: Request): Promise<{ status: number; body: Body }> => {
  const token = office.userToken('admin', userId)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': key }
  const content = method === 'GET' ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`http://127.0.0.1:${settings['PORT'] ?? ''}${path}`, { method, headers, ...content })
  return { status: response.status, body: (await response.json()) as Body }
}
const send = (request: Request) => call('POST', request)
const read = async (path: string): Promise<Body> => (await call('GET', asked(path))).body
const done = async (request: Request): Promise<Body> => {
  const { status, body } = await send(request)
  expect([status < 300, body]).toEqual([true, body])
  return body
}

const sell = (quantity: number) =>
  asked('/sales', { customer_id: 'CUST-1', line_items: [{ item_id: 'amber', quantity, unit_price: 4 }] })

/** Two bills and a sale that waits, and one request of every kind about them, none of them sent yet. */
const prepare = async () => {
  const [kept, dropped] = [String((await done(sell(10)))['bill_number']), String((await done(sell(10)))['bill_number'])]
  const waiting = String((await done(sell(3000)))['approval_id'])
  const requests = [
    sell(5),
    asked(`/approvals/${waiting}/approve`, {}, 'checker'),
    asked(`/sales/${kept}/payments`, { method: 'card', payment_method: 'pm_card', amount: 30 }),
    asked(`/sales/${kept}/returns`, { line_items: [{ item_id: 'amber', quantity: 1 }], reason: 'Broken seal' }),
    asked(`/sales/${dropped}/cancel`),
  ]
  return { kept, dropped, requests }
}

test('killed in the middle of a sale, an approval, a payment or a return, a service that comes back does each once', async () => {
  let running = await start()
  await done(asked('/trade-customers', { id: 'CUST-1', name: 'ABC Grocery' }))
  await done(asked('/items', { id: 'amber', name: 'Bottle', type: 'bottle' }))
  await done(asked('/stocks/adjustments', { item_id: 'amber', delta: 20_000, reason: 'opening', value: 5000 }))
  const points = ['sale:card-payment-asked', 'stock:companions-written']
  const rounds = [await prepare(), await prepare()]
  for (const [index, point] of points.entries()) {
    running.process.kill('SIGKILL')
    await running.exitCode
    running = await start(point)
    const answers = (rounds[index]?.requests ?? []).map((request) => send(request).catch(() => undefined))
    await running.exitCode
    expect(await Promise.all(answers)).toContain(undefined)
  }
  await start()
  for (const { kept, dropped, requests } of rounds) {
    const answers = await Promise.all(requests.map(send))
    expect(answers.filter(({ status }) => status >= 300)).toEqual([])
    expect(await Promise.all(requests.map(send))).toEqual(answers)
    expect(await read(`/sales/${kept}`)).toMatchObject({ paid_amount: 30, credited_amount: 4, amount_due: 6 })
    expect(await read(`/sales/${dropped}`)).toMatchObject({ status: 'cancelled', amount_due: 0 })
  }
  expect(cards.moved).toHaveLength(rounds.length)
  // Of each round: 5 sold, 3000 approved, 10 sold of which one came back.
  expect(await read('/stocks/amber')).toMatchObject({ on_hand: 20_000 - rounds.length * 3014 })
  expect(await read('/stocks/check')).toMatchObject({ ok: true, problems: [] })
}, 240_000)
