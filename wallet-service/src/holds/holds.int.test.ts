import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { createWalletBook } from '../ledger/walletFacts.js'
import { createLedger } from '../ledger/ledger.js'
import { entries } from '../ledger/store.js'
import { balanceOf, clientOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'
import { setStatus } from '../testing/wallets.js'
import { expire } from './commands.js'
import { holds } from './store.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

type Answer = { status: number; headers: Record<string, string>; body: { id: string; code?: string }; text: string }
const newUser = async (amount = 0) => {
  const userId = uuidv7()
  const walletId = await fundedWallet(service, userId, amount)
  const api = userClient(service, 'customer', userId)
  const send = (path: string, body: object = {}, key?: string): Promise<Answer> => api.send('post', path, body, key)
  return { userId, walletId, api, send }
}
type User = Awaited<ReturnType<typeof newUser>>
const place = async (from: User, to: User, amount: number, more: object = {}) => {
  const { status, body } = await from.send('/holds', { to_wallet_id: to.walletId, amount, ...more })
  expect(status).toBe(201)
  return body.id
}
const stateOf = async (user: User) => {
  const { posted, available, held } = await balanceOf(service, user.walletId)
  return [posted, available, held]
}
const stepsOf = (id: string) => readsOn(service.db).find(entries, { 'reference.id': id }, { sort: { _id: 1 } })
const runOut = (id: string) =>
  inTransaction(service.db, (tx) => tx.update(holds, { _id: id }, { $set: { expiresAt: new Date(Date.now() - 1) } }))

test('held money stays in the wallet and is not available; captured, it is the payee’s', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const placed = await ann.send('/api/v1/holds', {
    to_wallet_id: ben.walletId,
    amount: '40.50',
    description: 'Room 12',
  })
  expect(placed.status).toBe(201)
  expect(placed.body).toMatchObject({
    wallet_id: ann.walletId,
    to_account_id: ben.walletId,
    amount: 40.5,
    captured: 0,
    remaining: 40.5,
    status: 'pending',
    description: 'Room 12',
    wallets: [{ id: ann.walletId, balance: 100, available: 59.5, held: 40.5 }],
  })
  const captured = await ann.send(`/holds/${placed.body.id}/capture`)
  expect(captured.status).toBe(200)
  expect(captured.body).toMatchObject({ status: 'captured', captured: 40.5, wallets: [{ balance: 59.5, held: 0 }] })
  expect([await stateOf(ann), await stateOf(ben)]).toEqual([[5950n, 5950n, 0n], [4050n, 4050n, 0n]]) // prettier-ignore
  expect((await stepsOf(placed.body.id)).map(({ kind }) => kind)).toEqual(['hold', 'capture'])
  const events = await announced(service.db, ledgerEntryPosted)
  const ofHold = events.filter(({ data }) => (data as { reference: { id: string } }).reference.id === placed.body.id)
  expect(ofHold).toHaveLength(2)
})

test('a hold for nobody in particular is captured into the clearing account', async () => {
  const ann = await newUser(10)
  const { body } = await ann.send('/holds', { amount: 4 })
  expect(body).toMatchObject({ to_account_id: 'house:clearing:USD' })
  await ann.send(`/holds/${body.id}/capture`)
  expect(await balanceOf(service, 'house:clearing:USD')).toMatchObject({ posted: -400n, coming: 0n })
})

test('a part is captured and the rest stays held until a final capture lets go of it', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 60)
  const part = await ann.send(`/holds/${id}/capture`, { amount: 10, final: false })
  expect(part.body).toMatchObject({ status: 'pending', captured: 10, remaining: 50 })
  expect(await stateOf(ann)).toEqual([9000n, 4000n, 5000n])
  const final = await ann.send(`/holds/${id}/capture`, { amount: 20 })
  expect(final.body).toMatchObject({ status: 'captured', captured: 30, remaining: 0 })
  expect([await stateOf(ann), await stateOf(ben)]).toEqual([[7000n, 7000n, 0n], [3000n, 3000n, 0n]]) // prettier-ignore
})

test('blnk #181: held money cannot be spent, held again, or withdrawn', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  await place(ann, ben, 80)
  const short = { status: 409, body: { code: 'insufficient_funds', available: 20, requested: 30 } }
  expect(await ann.send('/transfers', { to_wallet_id: ben.walletId, amount: 30 })).toMatchObject(short)
  expect(await ann.send('/holds', { amount: 30 })).toMatchObject(short)
  const admin = userClient(service, 'admin')
  expect(await admin.send('post', '/wallet/debit', { wallet_id: ann.walletId, amount: 30 })).toMatchObject(short)
  expect(await stateOf(ann)).toEqual([10_000n, 2000n, 8000n])
})

test('blnk #182: a hold that was refused is none, and cannot be captured', async () => {
  const ann = await newUser(10)
  const before = await readsOn(service.db).count(holds, {})
  const refused = await ann.send('/holds', { amount: 11 })
  expect(refused).toMatchObject({ status: 409, body: { code: 'insufficient_funds' } })
  expect(await readsOn(service.db).count(holds, {})).toBe(before)
  const capture = await ann.send('/holds/nothing/capture')
  expect(capture).toMatchObject({ status: 404, body: { code: 'hold_not_found', hold_id: 'nothing' } })
})

test('blnk #41 and #42: what is released is released once, and not captured afterwards', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 60)
  expect((await ann.send(`/holds/${id}/release`)).body).toMatchObject({
    status: 'released',
    wallets: [{ available: 100 }],
  })
  for (const step of ['release', 'capture'])
    expect(await ann.send(`/holds/${id}/${step}`)).toMatchObject({
      status: 409,
      body: { code: 'hold_already_released' },
    })
  expect([await stateOf(ann), await stateOf(ben)]).toEqual([[10_000n, 10_000n, 0n], [0n, 0n, 0n]]) // prettier-ignore
})

test('blnk #293: a captured hold says so, and nothing is held for it any more', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 60)
  await ann.send(`/holds/${id}/capture`)
  const read = await ann.api.get(`/holds/${id}`)
  expect([read.status, read.body]).toMatchObject([200, { status: 'captured', captured: 60, remaining: 0 }])
  for (const step of ['release', 'capture'])
    expect(await ann.send(`/holds/${id}/${step}`)).toMatchObject({
      status: 409,
      body: { code: 'hold_already_captured' },
    })
})

test('blnk #62: no more is captured than is held, at once or in parts', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 60)
  const capture = (amount: number) => ann.send(`/holds/${id}/capture`, { amount, final: false })
  const tooMuch = await capture(60.01)
  expect(tooMuch).toMatchObject({ status: 422, body: { code: 'exceeds_hold', remaining: 60, requested: 60.01 } })
  expect((await capture(50)).status).toBe(200)
  expect(await capture(10.01)).toMatchObject({ status: 422, body: { code: 'exceeds_hold', remaining: 10 } })
  expect(await stateOf(ben)).toEqual([5000n, 5000n, 0n])
})

test('midaz #1519: of twenty captures at the same moment exactly one wins', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  // A second hold keeps enough set aside for a second capture to look possible.
  const [id] = [await place(ann, ben, 40), await place(ann, ben, 40)]
  const answers = await Promise.all(Array.from({ length: 20 }, () => ann.send(`/holds/${id}/capture`)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status, body }) => status === 409 && body.code === 'hold_already_captured')).toHaveLength(19)
  expect([await stateOf(ann), await stateOf(ben)]).toEqual([[6000n, 2000n, 4000n], [4000n, 4000n, 0n]]) // prettier-ignore
})

test('of captures and releases at the same moment exactly one wins, also when nothing else is held', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [ann, ben] = [await newUser(100), await newUser()]
    const id = await place(ann, ben, 40)
    const steps = Array.from({ length: 10 }, (_, n) => ann.send(`/holds/${id}/${n % 2 ? 'capture' : 'release'}`))
    const answers = await Promise.all(steps)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9)
    expect((await stepsOf(id)).length).toBe(2)
  }
})

test('twenty parts at the same moment are captured as long as there is something left', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 60)
  const part = () => ann.send(`/holds/${id}/capture`, { amount: 5, final: false })
  const answers = await Promise.all(Array.from({ length: 20 }, part))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(12)
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(8)
  expect(await stateOf(ben)).toEqual([6000n, 6000n, 0n])
})

test('twenty repeats of one capture under one key: one capture, one answer', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 60)
  const repeat = () => ann.send(`/holds/${id}/capture`, {}, `capture-${id}`)
  const answers = await Promise.all(Array.from({ length: 20 }, repeat))
  expect(new Set(answers.map(({ status, text }) => `${status.toString()} ${text}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(200)
  expect(await stateOf(ben)).toEqual([6000n, 6000n, 0n])
  const holdOnce = () => ann.send('/holds', { amount: 30 }, `hold-${id}`)
  expect(new Set((await Promise.all([holdOnce(), holdOnce(), holdOnce()])).map(({ body }) => body.id)).size).toBe(1)
})

test('a hold whose time has run out is captured by nobody, and is let go by itself, once', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const [id, other] = [await place(ann, ben, 40), await place(ann, ben, 10)]
  await runOut(id)
  for (const step of ['capture', 'release'])
    expect(await ann.send(`/holds/${id}/${step}`)).toMatchObject({
      status: 409,
      body: { code: 'hold_already_expired' },
    })
  expect((await ann.api.get(`/holds/${id}`)).body).toMatchObject({ status: 'expired', remaining: 0 })
  await eventually(async () => expect(await stateOf(ann)).toEqual([10_000n, 9000n, 1000n]))
  expect((await stepsOf(id)).map(({ key, actor }) => [key, actor])).toEqual([
    [null, `user:${ann.userId}`],
    [`hold-expiry:${id}`, 'service:wallet-service'],
  ])
  expect((await ann.send(`/holds/${other}/capture`)).status).toBe(200)
})

test('of twenty processes that let go of one overdue hold, one does', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 40)
  await runOut(id)
  const hold = await readsOn(service.db).findOne(holds, { _id: id })
  if (!hold) throw new Error('no hold')
  const now = () => new Date()
  const processes = Array.from({ length: 20 }, () => ({
    db: service.db,
    now,
    ledger: createLedger({ db: service.db, now }),
    wallets: createWalletBook(service.db),
  }))
  await Promise.all(processes.map((deps) => expire(deps, hold)))
  expect(await stepsOf(id)).toHaveLength(2)
  expect(await stateOf(ann)).toEqual([10_000n, 10_000n, 0n])
})

test('a frozen wallet places and pays no hold, but what it holds can be let go', async () => {
  const [ann, ben] = [await newUser(100), await newUser()]
  const id = await place(ann, ben, 40)
  await setStatus(service, ann.walletId, 'frozen')
  const frozen = { status: 409, body: { code: 'wallet_frozen' } }
  expect(await ann.send('/holds', { amount: 1 })).toMatchObject(frozen)
  expect(await ann.send(`/holds/${id}/capture`)).toMatchObject(frozen)
  expect((await ann.send(`/holds/${id}/release`)).status).toBe(200)
})

test('strangers see no hold; staff read it; what a service holds, its owner cannot move', async () => {
  const [ann, eve] = [await newUser(100), await newUser()]
  const loans = clientOf(service, service.tokens.serviceToken('loan-service'))
  const order = { wallet_id: ann.walletId, amount: 40 }
  const placed = (await loans.send('post', '/holds', order, uuidv7())) as Answer
  expect(placed.status).toBe(201)
  const path = `/holds/${placed.body.id}`
  expect((await eve.api.get(path)).status).toBe(404)
  expect((await eve.send(`${path}/capture`)).status).toBe(404)
  expect((await eve.send('/holds', order)).status).toBe(404)
  expect((await userClient(service, 'staff').get(path)).status).toBe(200)
  expect((await userClient(service, 'staff').send('post', `${path}/release`)).status).toBe(403)
  expect((await ann.api.get(path)).status).toBe(200)
  expect((await ann.send(`${path}/release`)).status).toBe(403)
  expect((await userClient(service, 'admin').send('post', `${path}/release`)).status).toBe(200)
})

test.each([
  [{ amount: 0 }, 'amount'],
  [{ amount: 1, expires_in: 0 }, 'expires_in'],
  [{ amount: 1, expires_in: 30 * 86_400 + 1 }, 'expires_in'],
])('a hold of %p is refused at its %s', async (body, place) => {
  const ann = await newUser(10)
  expect(await ann.send('/holds', body)).toMatchObject({ status: 422, body: { errors: [{ loc: ['body', place] }] } })
})
