import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { remittanceCompleted, remittanceFailed } from '@countinghouse/shared/contracts/remittance'
import { idempotency } from '@countinghouse/shared/idempotency'
import { createLog } from '@countinghouse/shared/log'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { announced } from '@countinghouse/shared/testing/events'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { houseAccountId } from '../ledger/chart.js'
import { credit, debit } from '../ledger/domain.js'
import { createLedger } from '../ledger/ledger.js'
import { accounts, blocks, entries, insertWallet } from '../ledger/store.js'
import { createWalletBook } from '../ledger/walletFacts.js'
import { ProviderRefused, type PayoutOrder, type ProviderPayout } from '../payments/provider.js'
import { balanceOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'
import { change, getRemittance, send, type Deps } from './commands.js'
import { carryNext, payoutChanged, type CourierDeps } from './courier.js'
import { remittanceDays, remittances } from './store.js'

let service: TestService
let house: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  ;[service, house] = await Promise.all([
    startTestService(walletService),
    freshDatabase(accounts, blocks, entries, remittances, remittanceDays, idempotency),
  ])
})
afterAll(async () => {
  watchFaultPoints(undefined)
  await Promise.all([service.close(), house.close()])
})

/** A provider that does each payout once for its key, as the real one does, and can be away. */
const openProvider = (ends: ProviderPayout['status'] = 'paid') => {
  const payouts = new Map<string, ProviderPayout>()
  const state = { ends, asked: 0, isAway: false, refuses: false }
  const answer = <Result>(result: () => Result): Promise<Result> => {
    state.asked += 1
    return state.isAway ? Promise.reject(refuseCommon('dependency_unavailable', { dependency: 'provider' })) : Promise.resolve().then(result) // prettier-ignore
  }
  return {
    state,
    payouts,
    createPayout: ({ reference, amountMinor, currency }: PayoutOrder, key: string) =>
      answer(() => {
        if (state.refuses)
          throw new ProviderRefused({
            code: 'no_account',
            declineCode: null,
            chargeId: null,
            message: 'No such account',
          })
        const fields = { id: `po_${key}`, reference, amountMinor, currency, failureCode: null, failureReason: null }
        const payout = payouts.get(key) ?? { ...fields, status: 'in_transit' as const, arrivesAt: new Date() }
        payouts.set(key, payout)
        return payout
      }),
    getPayout: (id: string) =>
      answer((): ProviderPayout => {
        const payout = [...payouts.values()].find((one) => one.id === id)
        if (!payout) throw new Error('The provider does not know it')
        return {
          ...payout,
          status: state.ends,
          failureReason: state.ends === 'failed' ? 'The account is closed' : null,
        }
      }),
  }
}

/** Somebody with money, and the house that sends it for them. */
const open = async ({ funds = 100_00n, limit = 10_000_00n } = {}) => {
  const { db } = house
  const userId = uuidv7()
  const walletId = uuidv7()
  let time = new Date('2026-11-21T09:30:00Z')
  const ledger = createLedger({ db, now: () => time })
  const deps: Deps = {
    ...{ db, ledger, wallets: createWalletBook(db), now: () => time, dailyLimitMinor: limit },
    dayOf: (at) => at.toISOString().slice(0, 10),
  }
  await inTransaction(db, (tx) => insertWallet(tx, { id: walletId, ownerId: userId, currency: 'USD' }, time))
  const funding = [debit(houseAccountId('bank', 'USD'), funds), credit(walletId, funds)]
  await ledger.submit({ drafts: [{ entryId: uuidv7(), kind: 'credit', actor: 'test', postings: funding }] })
  const provider = openProvider()
  const courier: CourierDeps = { ...deps, provider, log: createLog('test', 'silent') }
  const bank = { bank: { account: 'ba_1', name: 'Ben' } }
  return {
    ...{ deps, courier, provider, userId, walletId },
    send: (amount: number) =>
      send(deps, userId, { amount, currency: 'USD', recipient: bank, description: null }, () => []),
    /** Time goes on, and the courier does what is due. */
    carry: async () => {
      time = new Date(time.getTime() + 3_600_000)
      while (await carryNext(courier));
    },
    balance: async () => (await readsOn(db).findOne(accounts, { _id: walletId }))?.postedMinor,
    statusOf: async (id: string) => (await getRemittance(deps, id)).status,
    entriesOf: async (id: string) =>
      (await readsOn(db).find(entries, { 'reference.id': id })).map(({ kind }) => kind).sort(),
  }
}
const inHouse = async (name: 'clearing' | 'payment_provider') =>
  (await readsOn(house.db).findOne(accounts, { _id: houseAccountId(name, 'USD') }))?.postedMinor ?? 0n

test('what is sent out leaves the wallet at once, goes to the provider, and arrives', async () => {
  const ann = await open()
  const { _id } = await ann.send(40)
  const [cleared, provided] = [await inHouse('clearing'), await inHouse('payment_provider')]
  expect([await ann.balance(), await ann.statusOf(_id)]).toEqual([60_00n, 'pending'])
  await ann.carry()
  await ann.carry()
  const done = await getRemittance(ann.deps, _id)
  expect(done.history.map(({ status }) => status)).toEqual(['pending', 'processing', 'completed'])
  expect([await inHouse('clearing'), await inHouse('payment_provider')]).toEqual([cleared + 40_00n, provided - 40_00n])
  const told = (await announced(house.db, remittanceCompleted)).filter(({ subject }) => subject === _id)
  expect(told).toHaveLength(1)
})

test('a provider that is away is asked again, under the same key, and pays once', async () => {
  const ann = await open()
  const { _id } = await ann.send(40)
  ann.provider.state.isAway = true
  await ann.carry()
  await ann.carry()
  expect([await ann.statusOf(_id), ann.provider.state.asked]).toEqual(['processing', 2])
  ann.provider.state.isAway = false
  await ann.carry()
  await ann.carry()
  expect([await ann.statusOf(_id), ann.provider.payouts.size, await ann.balance()]).toEqual(['completed', 1, 60_00n])
})

test.each(['remittance:provider-answered', 'remittance:before-commit', 'ledger:before-commit', 'ledger:committed'])(
  'a process that dies at %s leaves nothing double and nothing lost',
  async (point) => {
    const ann = await open()
    const { _id } = await ann.send(40)
    let deaths = 0
    watchFaultPoints((name) => {
      if (name === point && deaths++ < 2) throw new Error('died here')
    })
    for (let time = 0; time < 6; time += 1) await ann.carry()
    watchFaultPoints(undefined)
    expect(deaths).toBeGreaterThan(0)
    expect([await ann.statusOf(_id), ann.provider.payouts.size, await ann.balance()]).toEqual(['completed', 1, 60_00n])
    expect(await ann.entriesOf(_id)).toEqual(['remittance', 'remittance'])
  },
)

test('a failure is refunded exactly once, whoever tells of it and however often, and no longer counts for the day', async () => {
  const ann = await open({ limit: 50_00n })
  const { _id } = await ann.send(40)
  await ann.carry()
  const { payoutId } = await getRemittance(ann.deps, _id)
  ann.provider.state.ends = 'failed'
  const payout = await ann.provider.getPayout(payoutId ?? '')
  const told = Array.from({ length: 10 }, () => payoutChanged(ann.deps)(payout))
  const byHand = change(ann.deps, _id, { status: 'failed', actor: 'user:admin', reason: 'seen at the bank' })
  await Promise.allSettled([...told, byHand, ann.carry()])
  await payoutChanged(ann.deps)({ ...payout, status: 'paid' })
  expect([await ann.statusOf(_id), await ann.balance()]).toEqual(['failed', 100_00n])
  expect(await ann.entriesOf(_id)).toEqual(['remittance', 'remittance', 'remittance-refund'])
  expect((await announced(house.db, remittanceFailed)).filter(({ subject }) => subject === _id)).toHaveLength(1)
  expect((await ann.send(50)).status).toBe('pending')
})

test('what a bank sends back after it was paid comes back as well', async () => {
  const ann = await open()
  const { _id } = await ann.send(40)
  await ann.carry()
  await ann.carry()
  const payout = await ann.provider.getPayout((await getRemittance(ann.deps, _id)).payoutId ?? '')
  await payoutChanged(ann.deps)({ ...payout, status: 'failed', failureReason: 'Returned by the bank' })
  expect([await ann.statusOf(_id), await ann.balance()]).toEqual(['returned', 100_00n])
})

test('what the provider will never do is refunded, also to somebody whose wallet is closed', async () => {
  const ann = await open({ funds: 40_00n })
  const { _id } = await ann.send(40)
  ann.provider.state.refuses = true
  await inTransaction(house.db, (tx) =>
    tx.update(accounts, { _id: ann.walletId }, { $set: { status: 'closed' }, $inc: { version: 1 } }),
  )
  await ann.carry()
  const refund = (await readsOn(house.db).find(entries, { 'reference.id': _id, kind: 'remittance-refund' }))[0]
  expect(refund?.postings[1]).toMatchObject({
    accountId: houseAccountId('customer_credit_balances', 'USD'),
    amountMinor: 40_00n,
  })
  expect(await ann.statusOf(_id)).toBe('failed')
})

test('a remittance is either cancelled or carried, never both', async () => {
  for (let round = 0; round < 5; round += 1) {
    const ann = await open()
    const { _id } = await ann.send(40)
    const cancel = change(ann.deps, _id, { status: 'cancelled', actor: `user:${ann.userId}`, reason: null }, ann.userId)
    await Promise.allSettled([cancel, ann.carry()])
    await ann.carry()
    const isCancelled = (await ann.statusOf(_id)) === 'cancelled'
    expect([ann.provider.payouts.size, await ann.balance()]).toEqual(isCancelled ? [0, 100_00n] : [1, 60_00n])
  }
})

test('no more is sent on a day than its limit, however many send at a time; the next day has its own', async () => {
  const ann = await open({ limit: 50_00n })
  const sent = await Promise.allSettled(Array.from({ length: 6 }, () => ann.send(15)))
  expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  for (const one of sent) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'remittance_limit' })
  expect(await ann.balance()).toBe(55_00n)
  for (let hour = 0; hour < 24; hour += 1) await ann.carry()
  expect((await ann.send(15)).day).toBe('2026-11-22')
})

test('to another wallet it arrives at once, once for each key, and is for its sender and the house to see', async () => {
  const [ann, ben] = [uuidv7(), uuidv7()]
  const [from, to] = [await fundedWallet(service, ann, 100), await fundedWallet(service, ben)]
  const api = userClient(service, 'customer', ann)
  const body = { recipient: ben, amount: '40.25', currency: 'USD', description: 'Rent' }
  const [sent, again] = [
    await api.send('post', '/remittances', body, 'k'),
    await api.send('post', '/remittances', body, 'k'),
  ]
  expect([sent.status, again.text, again.headers['idempotent-replayed']]).toEqual([201, sent.text, 'true'])
  expect(sent.body).toMatchObject({
    status: 'completed',
    recipient: { wallet_id: to },
    history: [{ status: 'completed' }],
  })
  expect([(await balanceOf(service, from)).posted, (await balanceOf(service, to)).posted]).toEqual([59_75n, 40_25n])
  const path = `/remittances/${(sent.body as { id: string }).id}`
  const stranger = userClient(service, 'customer', ben)
  expect((await stranger.get(path)).status).toBe(404)
  expect((await stranger.send('patch', path, { status: 'cancelled' })).status).toBe(404)
  expect((await api.send('patch', path, { status: 'returned' })).status).toBe(403)
  expect((await userClient(service, 'admin').send('patch', path, { status: 'returned' })).body).toMatchObject({
    code: 'remittance_status_conflict',
  })
  expect((await userClient(service, 'admin').get(`${path}/tracking`)).body).toMatchObject({ status: 'completed' })
  const list = await userClient(service, 'staff').get(`/remittances?user_id=${ann}&status=completed`)
  expect([list.headers['x-total-count'], (list.body as object[]).length]).toEqual(['1', 1])
  for (const [more, status] of [
    [{ amount: 1000 }, 409],
    [{ recipient: ann }, 422],
    [{ recipient: 'nobody' }, 404],
    [{ amount: 0 }, 422],
  ] as const)
    // prettier-ignore
    expect((await api.send('post', '/remittances', { ...body, ...more })).status).toBe(status)
  expect(await wrongInTheBooks(service)).toEqual(nothingWrong)
})
