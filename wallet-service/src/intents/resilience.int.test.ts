import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { balanceOf, fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import { hurry, openPaymentHouse, type PaymentHouse, type Way } from '../testing/payments.js'

// Nothing is told here: what gets lost is found again by asking, or not at all.
let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse({ isTold: false })
})
afterAll(() => house.close())
afterEach(async () => {
  watchFaultPoints(undefined)
  house.obstruct('open')
  expect(await wrongInTheBooks(house.service)).toEqual(nothingWrong)
})

const differences = async () =>
  (await house.admin.get('/payments/reconciliation')).body.differences as { code: string; source_id: string }[]
const posted = async (account: string) => (await balanceOf(house.service, account)).posted
const read = async (id: string) => (await house.admin.get(`/payments/intents/${id}`)).body as { status: string }

const order = (more: object) => ({ amount: 50, purpose: { kind: 'order', id: uuidv7() }, ...more })
// The circuit to the provider may still be open from what was tried before.
const begun = (more: object): Promise<string> => {
  const [body, key] = [order(more), uuidv7()]
  return eventually(async () => {
    const answer = await house.shop.send('post', '/payments/intents', body, key)
    expect(answer.status).toBe(201)
    return answer.body.id as string
  })
}
const paying = { payment_method: 'pm_card_visa', confirm: true }

/** Each call at the provider: what is asked, of a payment in which state, and what it comes to. */
const steps: Record<
  string,
  { call: RegExp; prepare: () => Promise<string>; path: string; body?: object; came: object }
> = {
  create: { call: /POST .*intents$/, prepare: () => Promise.resolve(''), path: '', body: order({}), came: { status: 'requires_payment_method' } }, // prettier-ignore
  confirm: { call: /confirm$/, prepare: () => begun({}), path: '/confirm', body: { payment_method: 'pm_card_visa' }, came: { status: 'succeeded', amount_received: 50 } }, // prettier-ignore
  capture: { call: /capture$/, prepare: () => begun({ ...paying, capture_method: 'manual' }), path: '/capture', body: { amount: 30 }, came: { status: 'succeeded', amount_received: 30 } }, // prettier-ignore
  cancel: { call: /cancel$/, prepare: () => begun({}), path: '/cancel', came: { status: 'canceled' } },
}
const ways: Way[] = ['closed', 'one-way']
const cases = Object.keys(steps).flatMap((name) => ways.map((way) => [name, way] as const))

test.each(cases)(
  '%s while the way to the provider is %s: refused as not there; repeated, it has happened once',
  async (name, way) => {
    const { call, prepare, path, body = {}, came } = steps[name] ?? { call: /./, prepare: () => Promise.resolve(''), path: '', came: {} } // prettier-ignore
    const id = await prepare()
    const key = uuidv7()
    const ask = () => house.shop.send('post', `/payments/intents${id && `/${id}`}${path}`, body, key)
    const movements = house.sandbox.state.all('balance_transaction').length
    house.obstruct(way, call)
    const first = await ask()
    expect([first.status, first.body.code]).toEqual([503, 'dependency_unavailable'])
    house.obstruct('open')
    const second = await eventually(async () => {
      const answer = await ask()
      expect(answer.status).toBeLessThan(300)
      return answer
    })
    expect(second.body).toMatchObject(came)
    expect((await ask()).body).toEqual(second.body)
    const isPaid = second.body.status === 'succeeded'
    expect(house.sandbox.state.all('balance_transaction').length - movements).toBe(isPaid ? 1 : 0)
  },
)

test.each(ways)('a refund while the way is %s sets the money aside, and happens once', async (way) => {
  const wallet = await fundedWallet(house.service, `rita-${way}`)
  const rita = house.customer(`rita-${way}`)
  const { body } = await rita.send('post', '/payments/intents', { amount: 50, ...paying })
  house.obstruct(way, /refunds/)
  const ask = () => rita.send('post', '/refunds', { payment_intent: body.id, amount: 20 }, `rita-${way}`)
  expect((await ask()).status).toBe(503)
  expect(await posted(wallet)).toBe(3000n)
  house.obstruct('open')
  await eventually(async () => expect((await ask()).body.status).toBe('succeeded'))
  expect([await posted(wallet), await posted('house:refunds_payable:USD')]).toEqual([3000n, 0n])
  expect(house.sandbox.state.all('refund').filter(({ payment_intent: intent }) => intent === body.id)).toHaveLength(0)
})

class Crash extends Error {}
const crashAt = (point: string) => {
  watchFaultPoints((name) => {
    if (name === point) throw new Crash(name)
  })
}

test.each(['payment:asked', 'payment:answered', 'ledger:before-commit', 'ledger:committed'])(
  'a process that dies at %s neither loses the charge nor makes a second one, and whoever compares sees it',
  async (point) => {
    const userId = `zoe-${point}`
    const wallet = await fundedWallet(house.service, userId)
    const { body } = await house.customer(userId).send('post', '/payments/intents', { amount: 50 })
    crashAt(point)
    const way = `/payments/intents/${body.id}/confirm`
    const ask = () => house.customer(userId).send('post', way, { payment_method: 'pm_card_visa' }, userId)
    expect((await ask()).status).toBe(500)
    const isLost = ['payment:answered', 'ledger:before-commit'].includes(point)
    const lost = (await differences()).filter(({ code }) => code === 'missing_in_books')
    expect(lost).toHaveLength(isLost ? 1 : 0)
    watchFaultPoints(undefined)
    await hurry(house, body.id)
    await eventually(async () => expect(await read(body.id)).toMatchObject({ status: 'succeeded', fee: 1.75 }))
    expect((await ask()).body).toMatchObject({ id: body.id, status: 'succeeded' })
    expect(await posted(wallet)).toBe(5000n)
  },
)

test('a refund whose process dies after the provider’s answer is found again, and made once', async () => {
  const wallet = await fundedWallet(house.service, 'yan')
  const yan = house.customer('yan')
  const { body } = await yan.send('post', '/payments/intents', { amount: 50, ...paying })
  crashAt('refund:answered')
  const ask = () => yan.send('post', '/refunds', { payment_intent: body.id, amount: 20 }, 'yan-1')
  expect((await ask()).status).toBe(500)
  watchFaultPoints(undefined)
  expect((await ask()).body).toMatchObject({ status: 'succeeded', amount: 20 })
  expect(await posted(wallet)).toBe(3000n)
})

test('a payment that its payer finished at their bank, and of which nobody told, is found by asking', async () => {
  const wallet = await fundedWallet(house.service, 'xia')
  const order = { amount: 50, payment_method: 'pm_card_threeDSecure2Required', confirm: true }
  const { body } = await house.customer('xia').send('post', '/payments/intents', order)
  await fetch(body.next_action.redirect_url, { method: 'POST', body: new URLSearchParams({ outcome: 'complete' }) })
  await hurry(house, body.id)
  await eventually(async () => expect(await read(body.id)).toMatchObject({ status: 'succeeded' }))
  expect(await posted(wallet)).toBe(5000n)
})

test('after all that, the provider and the books agree on every charge and every refund', async () => {
  await eventually(async () => expect(await differences()).toEqual([]))
})
