import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { disputeClosed, refundFailed, refundSucceeded } from '@countinghouse/shared/contracts/payment'
import { native } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { balanceOf, fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import { openPaymentHouse, type PaymentHouse } from '../testing/payments.js'
import { refunds } from './store.js'

let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse()
})
afterAll(() => house.close())
afterEach(async () => {
  expect(await wrongInTheBooks(house.service)).toEqual(nothingWrong)
  await eventually(async () => {
    expect((await house.admin.get('/payments/reconciliation')).body.differences).toEqual([])
  })
})

const posted = async (account: string) => (await balanceOf(house.service, account).catch(() => ({ posted: 0n }))).posted
const toppedUp = async (userId: string, payment_method = 'pm_card_visa', amount = 50) => {
  const wallet = await fundedWallet(house.service, userId)
  const order = { amount, payment_method, confirm: true }
  const { body } = await house.customer(userId).send('post', '/payments/intents', order)
  expect(body.status).toBe('succeeded')
  return { wallet, payment: body.id as string }
}
const refund = (userId: string, payment_intent: string, more: object = {}, key?: string) =>
  house.customer(userId).send('post', '/refunds', { payment_intent, ...more }, key)
const eventsOf = async (contract: Parameters<typeof announced>[1], payment: string) =>
  (await announced(house.service.db, contract)).filter(({ subject }) => subject === payment)

test('a payment is given back in parts, and never more than came in', async () => {
  const { wallet, payment } = await toppedUp('ann')
  const first = await refund('ann', payment, { amount: 20 }, 'ann-1')
  expect([first.status, first.body.status]).toEqual([201, 'succeeded'])
  expect((await refund('ann', payment, { amount: 20 }, 'ann-1')).body.id).toBe(first.body.id)
  const many = await Promise.all([1, 2, 3].map(() => refund('ann', payment, { amount: 15 })))
  expect(many.map(({ status, body }) => body.code ?? status).sort()).toEqual([201, 201, 'exceeds_received'])
  expect((await refund('ann', payment)).body.code).toBe('exceeds_received')
  expect([await posted(wallet), await posted('house:refunds_payable:USD')]).toEqual([0n, 0n])
  expect(await eventsOf(refundSucceeded, payment)).toHaveLength(3)
})

test('of a whole payment that is given back by many repeats at once, each hears of the one refund', async () => {
  const { wallet, payment } = await toppedUp('joe')
  const answers = await Promise.all(Array.from({ length: 20 }, () => refund('joe', payment, {}, 'joe-1')))
  expect(new Set(answers.map(({ status, body }) => `${status.toString()} ${body.id}`)).size).toBe(1)
  expect(answers[0]?.body).toMatchObject({ amount: 50, status: 'succeeded' })
  expect(await posted(wallet)).toBe(0n)
})

test('who has spent a top-up gets nothing back of it', async () => {
  const { wallet, payment } = await toppedUp('bob')
  await house.admin.send('post', '/wallet/debit', { wallet_id: wallet, amount: 45 })
  const answer = await refund('bob', payment)
  expect([answer.status, answer.body.code]).toEqual([409, 'insufficient_funds'])
  expect((await refund('bob', payment, { amount: 5 })).status).toBe(201)
  expect(await posted(wallet)).toBe(0n)
})

test('a refund that the bank sends back is in the wallet again, once', async () => {
  const { wallet, payment } = await toppedUp('cat', 'pm_card_refundFail')
  const { body } = await refund('cat', payment, { amount: 30 })
  expect(body.status).toBe('succeeded')
  await eventually(async () => {
    expect((await house.customer('cat').get(`/refunds/${body.id}`)).body).toMatchObject({ status: 'failed' })
  })
  expect(await posted(wallet)).toBe(5000n)
  expect(await eventsOf(refundFailed, payment)).toHaveLength(1)
  expect((await house.customer('cat').get(`/payments/intents/${payment}`)).body.amount_refunded).toBe(0)
})

test('a refund that the provider declines is in the wallet again; who repeats it hears the same no, also one that came in between', async () => {
  const { wallet, payment } = await toppedUp('ian')
  const { latest_charge: chargeId } = (await house.admin.get(`/payments/intents/${payment}`)).body
  const chargedBack = (disputed: boolean) => {
    const charge = house.sandbox.state.get(chargeId)
    if (charge) house.sandbox.state.put({ ...charge, disputed })
  }
  const ask = async (key: string) => {
    const { status, body } = await refund('ian', payment, { amount: 20 }, key)
    return { status, id: (body.refund_id ?? body.id) as string, no: [body.code, body.detail, body.provider_code] }
  }
  chargedBack(true)
  const first = await ask('ian-1')
  expect([first.status, ...first.no]).toEqual([402, 'refund_declined', expect.stringContaining(`Charge ${chargeId}`), 'charge_disputed']) // prettier-ignore
  expect([await ask('ian-1'), await posted(wallet)]).toEqual([first, 5000n])
  house.obstruct('closed', /POST .*refunds/)
  expect((await ask('ian-2')).status).toBe(503)
  house.obstruct('open')
  const [begun] = (await house.customer('ian').get(`/refunds?payment_intent=${payment}`)).body as { id: string }[]
  const id = begun?.id ?? ''
  await eventually(async () => {
    const pending = { _id: id, status: 'pending' as const }
    await native(house.service.db, refunds).updateOne(pending, { $set: { lookAt: new Date(0) }, $inc: { version: 1 } })
    await eventually(async () => expect((await house.admin.get(`/refunds/${id}`)).body.status).toBe('failed'), 2_000)
  })
  expect(await ask('ian-2')).toEqual({ ...first, id })
  expect([await posted(wallet), await eventsOf(refundFailed, payment)]).toMatchObject([5000n, [{}, {}]])
  chargedBack(false)
  expect([(await ask('ian-1')).status, (await ask('ian-2')).status, (await ask('ian-3')).status]).toEqual([402, 402, 201]) // prettier-ignore
  expect([await posted(wallet), await posted('house:refunds_payable:USD')]).toEqual([3000n, 0n])
})

test('a refund that was made at the provider comes into the books as well', async () => {
  const { wallet, payment } = await toppedUp('deb')
  const { latest_charge: charge } = (await house.admin.get(`/payments/intents/${payment}`)).body
  await fetch(`${house.sandbox.url}/v1/refunds`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_dashboard' },
    body: new URLSearchParams({ charge, amount: '1000' }),
  })
  await eventually(async () => expect(await posted(wallet)).toBe(4000n))
  const told = await house.customer('deb').get(`/refunds?payment_intent=${payment}`)
  expect(told.body).toMatchObject([{ amount: 10, status: 'succeeded', created_by: 'service:payment-provider' }])
})

test('what an order paid out of a wallet gets back is there at once; a customer does not give it to themselves', async () => {
  const wallet = await fundedWallet(house.service, 'eve', 100)
  const order = {
    amount: 40,
    purpose: { kind: 'order', id: 'o-1' },
    payment_method: 'wallet',
    confirm: true,
    user_id: 'eve',
  }
  const { body } = await house.shop.send('post', '/payments/intents', order, 'o-1')
  expect((await refund('eve', body.id)).status).toBe(403)
  const answer = await house.shop.send(
    'post',
    '/refunds',
    { payment_intent: body.id, amount: 10, reason: 'One broken' },
    'r-1',
  )
  expect(answer.body).toMatchObject({ status: 'succeeded', amount: 10 })
  expect(await posted(wallet)).toBe(7000n)
  expect((await house.customer('cat').get(`/refunds/${answer.body.id}`)).status).toBe(404)
})

const disputeOf = (payment: string) =>
  eventually(async () => {
    const { body } = await house.admin.get(`/payments/disputes?payment_intent=${payment}`)
    expect(body).toHaveLength(1)
    return body[0] as { id: string; status: string; held: number }
  })
const closedAs = (id: string, status: string) =>
  eventually(async () => expect((await house.admin.get(`/payments/disputes/${id}`)).body).toMatchObject({ status }))

test('what is disputed the provider keeps until it is decided; won, it is ours again', async () => {
  const { wallet, payment } = await toppedUp('fay', 'pm_card_createDispute')
  const dispute = await disputeOf(payment)
  expect(dispute).toMatchObject({ status: 'needs_response', held: 50 })
  expect(await posted('house:disputes_held:USD')).toBe(5000n)
  const answer = { evidence: 'winning_evidence' }
  const { body } = await house.admin.send('post', `/payments/disputes/${dispute.id}/answer`, answer, 'fay-1')
  expect(body.status).toBe('under_review')
  await closedAs(dispute.id, 'won')
  expect([await posted('house:disputes_held:USD'), await posted(wallet)]).toEqual([0n, 5000n])
})

test('what is lost is taken from the wallet that was topped up, or is a loss of the house when it is spent', async () => {
  const [kept, spent] = [await toppedUp('gil', 'pm_card_createDispute'), await toppedUp('hal', 'pm_card_createDispute')]
  await house.admin.send('post', '/wallet/debit', { wallet_id: spent.wallet, amount: 20 })
  for (const { payment } of [kept, spent]) {
    const { id } = await disputeOf(payment)
    expect((await house.admin.send('post', `/payments/disputes/${id}/accept`)).body.status).toBe('lost')
    await closedAs(id, 'lost')
    expect((await house.admin.send('post', `/payments/disputes/${id}/accept`)).body.code).toBe(
      'dispute_status_conflict',
    )
    expect(await eventsOf(disputeClosed, payment)).toMatchObject([{ data: { outcome: 'lost' } }])
  }
  expect([await posted(kept.wallet), await posted(spent.wallet)]).toEqual([0n, 3000n])
  expect([await posted('house:dispute_losses:USD'), await posted('house:disputes_held:USD')]).toEqual([5000n, 0n])
})
