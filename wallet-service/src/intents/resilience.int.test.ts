import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { payments } from '../payments/store.js'
import { balanceOf, fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import { refunds } from '../refunds/store.js'
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

test('a repeat after a death answers as the first would have, whatever the house did meanwhile and under whichever key', async () => {
  await fundedWallet(house.service, 'abe')
  const abe = house.customer('abe')
  const order = { amount: 50 }
  const [paid, declined] = [await abe.send('post', '/payments/intents', order), await abe.send('post', '/payments/intents', order)] // prettier-ignore
  const bad = { payment_method: 'pm_card_visa_chargeDeclined' }
  const confirm = (id: string, key: string, body: object) => () =>
    abe.send('post', `/payments/intents/${id}/confirm`, body, key)
  const asks = [
    confirm(paid.body.id, 'abe-1', { payment_method: 'pm_card_visa' }),
    confirm(paid.body.id, 'abe-2', { payment_method: 'pm_card_visa' }),
    confirm(declined.body.id, 'abe-3', bad),
    () => abe.send('post', '/payments/intents', { ...order, ...bad, confirm: true }, 'abe-4'),
  ]
  crashAt('payment:asked')
  for (const ask of asks) expect((await ask()).status).toBe(500)
  watchFaultPoints(undefined)
  const begun = (await abe.get('/payments/intents')).body as { id: string }[]
  for (const { id } of begun) await hurry(house, id)
  await eventually(async () => {
    const open = (await readsOn(house.service.db).find(payments, { ownerId: 'abe' })).filter(({ asked }) => asked)
    expect(open).toEqual([])
  })
  const answers = [await asks[0]?.(), await asks[1]?.(), await asks[2]?.(), await asks[3]?.()]
  expect(answers.map((answer) => answer?.body)).toMatchObject([
    ...[{ status: 'succeeded' }, { status: 'succeeded' }],
    ...[0, 1].map(() => ({ status: 402, code: 'payment_declined', decline_code: 'generic_decline' })),
  ])
})

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

test('a refund that failed is owed to its payer when their wallet is closed by then', async () => {
  const wallet = await fundedWallet(house.service, 'bea')
  const bea = house.customer('bea')
  const { body } = await bea.send('post', '/payments/intents', { amount: 50, ...paying, payment_method: 'pm_card_refundFail' }) // prettier-ignore
  crashAt('refund:answered')
  const ask = () => bea.send('post', '/refunds', { payment_intent: body.id }, 'bea-1')
  expect((await ask()).status).toBe(500)
  watchFaultPoints(undefined)
  await eventually(() => expect(house.sandbox.state.all('refund').map(({ status }) => status)).toContain('failed'))
  expect((await house.admin.send('post', `/wallets/${wallet}/close`, { reason: 'Moved away' })).status).toBe(200)
  const owed = await posted('house:refunds_payable:USD')
  await inTransaction(house.service.db, (tx) =>
    tx.update(refunds, { paymentId: body.id }, { $set: { lookAt: new Date(0), looks: 1 }, $inc: { version: 1 } }),
  )
  await eventually(async () => expect((await ask()).body).toMatchObject({ status: 'failed', amount: 50 }))
  expect([await posted(wallet), await posted('house:refunds_payable:USD')]).toEqual([0n, owed])
  expect(await read(body.id)).toMatchObject({ amount_refunded: 0 })
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
