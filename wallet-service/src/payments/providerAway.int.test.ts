import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { native } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { Stripe } from 'stripe'
import { disputes } from '../disputes/store.js'
import { refunds } from '../refunds/store.js'
import { remittances } from '../remittances/store.js'
import type { Row } from '../sandbox/state.js'
import { fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import { WEBHOOK_SECRET, hurry, openPaymentHouse, type PaymentHouse, type Way } from '../testing/payments.js'

// What a payment asks for is tried beside the payments (`intents/resilience.int.test.ts`); here is the rest of the port.
let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse({ isTold: false })
})
afterAll(() => house.close())
afterEach(() => {
  watchFaultPoints(undefined)
  house.obstruct('open')
})

const someone = async () => {
  const userId = uuidv7()
  await fundedWallet(house.service, userId, 100)
  return house.customer(userId)
}
type Person = Awaited<ReturnType<typeof someone>>

const paid = async (person: Person, payment_method = 'pm_card_visa') => {
  const order = { amount: 50, payment_method, confirm: true }
  return (await person.send('post', '/payments/intents', order)).body as { id: string; next_action: { redirect_url: string } } // prettier-ignore
}
const refunded = async (person: Person, payment_method: string, key?: string) => {
  const { id } = await paid(person, payment_method)
  return (await person.send('post', '/refunds', { payment_intent: id, amount: 20 }, key)).body as { id: string }
}
const told = (type: string, about: (object: Row) => boolean) =>
  eventually(async () => {
    const objectOf = ({ data }: Row) => (data as { object: Row }).object
    const event = house.sandbox.state.all('event').find((one) => one['type'] === type && about(objectOf(one)))
    expect(event).toBeDefined()
    const payload = JSON.stringify(event)
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET })
    const headers = { 'content-type': 'application/json', 'stripe-signature': signature }
    await fetch(`${house.service.url}/webhooks/stripe`, { method: 'POST', headers, body: payload })
  })
const disputed = async (): Promise<string> => {
  const { id } = await paid(await someone(), 'pm_card_createDispute')
  const { latest_charge: charge } = (await house.admin.get(`/payments/intents/${id}`)).body as { latest_charge: string }
  await told('charge.dispute.created', (object) => object['charge'] === charge)
  return eventually(async () => {
    const [dispute] = (await house.admin.get(`/payments/disputes?payment_intent=${id}`)).body as { id: string }[]
    if (!dispute) throw new Error('It is not known yet')
    return dispute.id
  })
}

type Step = { path: string; body?: object; came: object }
/** What a person asks for: the call at the provider that it takes, and what it comes to. */
const asked: Record<string, { call: RegExp; prepare: () => Promise<Step> }> = {
  'the answer to a dispute': {
    call: /POST .*disputes/,
    prepare: async () => ({ path: `/payments/disputes/${await disputed()}/answer`, body: { evidence: 'winning_evidence' }, came: { status: 'under_review' } }), // prettier-ignore
  },
  'giving in to a dispute': {
    call: /close$/,
    prepare: async () => ({
      path: `/payments/disputes/${await disputed()}/accept`,
      came: { status: 'lost', held: 50 },
    }),
  },
}

test.each(Object.keys(asked).flatMap((name) => (['closed', 'one-way'] as Way[]).map((way) => [name, way] as const)))(
  '%s while the way is %s is refused as not there; repeated, it has happened once',
  async (name, way) => {
    const { call, prepare } = asked[name] ?? { call: /./, prepare: () => Promise.reject(new Error(name)) }
    const { path, body = {}, came } = await prepare()
    const key = uuidv7()
    house.obstruct(way, call)
    const first = await house.admin.send('post', path, body, key)
    expect([first.status, first.body.code]).toEqual([503, 'dependency_unavailable'])
    house.obstruct('open')
    await eventually(async () => expect((await house.admin.send('post', path, body, key)).body).toMatchObject(came))
  },
)

test('who gave in to a dispute is answered so by a repeat after a death, though the provider was heard first', async () => {
  const id = await disputed()
  watchFaultPoints((name) => {
    if (name === 'dispute:answered') throw new Error('died here')
  })
  const accept = (key: string) => house.admin.send('post', `/payments/disputes/${id}/accept`, {}, key)
  expect((await accept('first')).status).toBe(500)
  watchFaultPoints(undefined)
  await hurryIn(disputes, id)
  await eventually(async () => expect((await house.admin.get(`/payments/disputes/${id}`)).body.status).toBe('lost'))
  expect([(await accept('first')).body.status, (await accept('second')).body.code]).toEqual(['lost', 'dispute_status_conflict']) // prettier-ignore
})

test.each([
  ['balance', /balance_transactions\?created/],
  ['payouts', /payouts\?created/],
])(
  'the comparison with the provider says that its %s cannot be had, and compares when they can',
  async (_what, calls) => {
    const hindered = house.hindered()
    house.obstruct('closed', calls)
    expect((await house.admin.get('/payments/reconciliation')).body).toMatchObject({ status: 503, code: 'dependency_unavailable' }) // prettier-ignore
    expect(house.hindered()).toBeGreaterThan(hindered)
    house.obstruct('open')
    await eventually(async () => expect((await house.admin.get('/payments/reconciliation')).status).toBe(200))
  },
)

/** Lets the house look at something at once. */
const hurryIn = (collection: typeof disputes | typeof refunds | typeof remittances, id: string, more: object = {}) => {
  const due = collection === remittances ? { dueAt: new Date(0) } : { lookAt: new Date(0) }
  return native(house.service.db, collection as typeof refunds).updateOne({ _id: id }, { $set: { ...due, ...more }, $inc: { version: 1 } }) // prettier-ignore
}

type Silent = { look: () => Promise<unknown>; path: string; before: object; after: object }
/** What the house asks by itself: the call, what it is about, and what is known before and after. */
const watched: Record<string, { call: RegExp; way: Way; prepare: () => Promise<Silent> }> = {
  'a payment that was made at the bank': {
    ...{ call: /GET .*payment_intents/, way: 'closed' },
    prepare: async () => {
      const { id, next_action } = await paid(await someone(), 'pm_card_threeDSecure2Required')
      await fetch(next_action.redirect_url, { method: 'POST', body: new URLSearchParams({ outcome: 'complete' }) })
      const [path, before] = [`/payments/intents/${id}`, { status: 'requires_action' }]
      return { look: () => hurry(house, id), path, before, after: { status: 'succeeded', amount_received: 50 } }
    },
  },
  'the fee of a payment': {
    ...{ call: /GET .*balance_transactions\?.*source/, way: 'closed' },
    prepare: async () => {
      house.obstruct('closed', /GET .*balance_transactions\?.*source/)
      const { id } = await paid(await someone())
      return { look: () => hurry(house, id), path: `/payments/intents/${id}`, before: { fee: null }, after: { fee: 1.75 } } // prettier-ignore
    },
  },
  'a refund on its way': {
    ...{ call: /GET .*refunds\/re_/, way: 'closed' },
    prepare: async () => {
      const { id } = await refunded(await someone(), 'pm_card_pendingRefund')
      const path = `/refunds/${id}`
      return { look: () => hurryIn(refunds, id), path, before: { status: 'pending' }, after: { status: 'succeeded' } }
    },
  },
  'a refund of which nobody knows whether it was made': {
    ...{ call: /GET .*refunds\?/, way: 'closed' },
    prepare: async () => {
      const person = await someone()
      watchFaultPoints((name) => {
        if (name === 'refund:answered') throw new Error('died here')
      })
      await refunded(person, 'pm_card_visa')
      watchFaultPoints(undefined)
      const [refund] = (await person.get('/refunds')).body as { id: string }[]
      const id = refund?.id ?? ''
      const look = () => hurryIn(refunds, id, { looks: 1 })
      return { look, path: `/refunds/${id}`, before: { status: 'pending' }, after: { status: 'succeeded' } }
    },
  },
  'a dispute that is being decided': {
    ...{ call: /GET .*disputes/, way: 'closed' },
    prepare: async () => {
      const id = await disputed()
      const path = `/payments/disputes/${id}`
      await house.admin.send('post', `${path}/answer`, { evidence: 'winning_evidence' })
      await eventually(() => expect(house.sandbox.state.all('dispute').at(0)).toMatchObject({ status: 'won' }))
      return { look: () => hurryIn(disputes, id), path, before: { status: 'under_review' }, after: { status: 'won', held: 0 } } // prettier-ignore
    },
  },
  'a payout that is to be made': {
    ...{ call: /POST .*payouts/, way: 'one-way' },
    prepare: async () => {
      house.obstruct('one-way', /POST .*payouts/)
      const path = await sent(await someone())
      const id = path.split('/').at(-1) ?? ''
      return { look: () => hurryIn(remittances, id), path, before: { payout_id: null }, after: { status: 'completed' } }
    },
  },
  'a payout on its way': {
    ...{ call: /GET .*payouts/, way: 'closed' },
    prepare: async () => {
      const path = await sent(await someone())
      await eventually(async () => expect((await house.admin.get(path)).body.payout_id).not.toBeNull())
      const id = path.split('/').at(-1) ?? ''
      return { look: () => hurryIn(remittances, id), path, before: { status: 'processing' }, after: { status: 'completed' } } // prettier-ignore
    },
  },
}
const sent = async (person: Person): Promise<string> => {
  const order = { recipient: { bank_account: 'ba_success', name: 'Ben' }, amount: 30 }
  return `/remittances/${(await person.send('post', '/remittances', order)).body.id as string}`
}

test.each(Object.keys(watched))('%s is asked for again until the provider is there', async (name) => {
  const row = watched[name]
  if (!row) throw new Error(name)
  const hindered = house.hindered()
  const { look, path, before, after } = await row.prepare()
  house.obstruct(row.way, row.call)
  await look()
  await eventually(() => expect(house.hindered()).toBeGreaterThan(hindered))
  expect((await house.admin.get(path)).body).toMatchObject(before)
  house.obstruct('open')
  await eventually(async () => {
    await look()
    await eventually(async () => expect((await house.admin.get(path)).body).toMatchObject(after), 2_000)
  })
})

test('the comparison names what is paid at the provider and not settled here, and the reverse', async () => {
  house.obstruct('closed', /GET .*payouts\/po_/)
  const path = await sent(await someone())
  const read = async () =>
    (await house.admin.get(path)).body as { id: string; payout_id: string | null; status: string }
  const payoutId = await eventually(async () => {
    const { payout_id } = await read()
    if (payout_id === null) throw new Error('The provider does not have it yet')
    return payout_id
  })
  const { id } = await read()
  await native(house.service.db, remittances).updateOne({ _id: id }, { $set: { dueAt: new Date('2100-01-01') }, $inc: { version: 1 } }) // prettier-ignore
  await eventually(() => expect(house.sandbox.state.get(payoutId)).toMatchObject({ status: 'paid' }))
  house.obstruct('open')
  const codes = async () =>
    ((await house.admin.get('/payments/reconciliation')).body.differences as { code: string; source_id: string }[])
      .filter(({ source_id }) => source_id === payoutId)
      .map(({ code }) => code)
  expect(await codes()).toEqual(['paid_at_provider_only'])
  await hurryIn(remittances, id)
  await eventually(async () => expect(await read()).toMatchObject({ status: 'completed' }))
  const payout = house.sandbox.state.get(payoutId)
  if (!payout) throw new Error('The provider lost it')
  house.sandbox.state.put({ ...payout, status: 'in_transit' })
  expect(await codes()).toEqual(['paid_in_books_only'])
  house.sandbox.state.put(payout)
  expect(await codes()).toEqual([])
})

test('after all that the books balance, and agree with the provider on every movement', async () => {
  const open = (await house.admin.get('/payments/disputes?status=under_review')).body as { id: string }[]
  for (const { id } of open) await hurryIn(disputes, id)
  await eventually(async () => {
    expect((await house.admin.get('/payments/reconciliation')).body.differences).toEqual([])
  })
  expect(await wrongInTheBooks(house.service)).toEqual(nothingWrong)
})
