import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { idempotency } from '@countinghouse/shared/idempotency'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { Redis } from 'ioredis'
import { walletService } from '../app.js'
import type { LedgerRequest } from '../ledger/group.js'
import { createWalletBook } from '../ledger/walletFacts.js'
import { createLedger } from '../ledger/ledger.js'
import { blocks, entries } from '../ledger/store.js'
import { balanceOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'
import { transferEach } from './batch.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

type Result = { index: number; status: string; id?: string; code?: string }
const newUser = async (amount = 0) => {
  const userId = uuidv7()
  const walletId = await fundedWallet(service, userId, amount)
  const api = userClient(service, 'customer', userId)
  const send = async (atomic: boolean, transfers: object[], key?: string) => {
    const answer = await api.send('post', '/transfers/batch', { atomic, transfers }, key)
    return { ...answer, status: answer.status, headers: answer.headers, body: answer.body as { results: Result[] } }
  }
  return { walletId, send }
}
const posted = async (walletId: string) => (await balanceOf(service, walletId)).posted
const paidTo = (walletId: string) => readsOn(service.db).count(entries, { 'postings.accountId': walletId })
const pay = (to: { walletId: string }, amount: number) => ({ to_wallet_id: to.walletId, amount })

test('an atomic batch posts all, each on what the ones before it left', async () => {
  const [ann, ben] = [await newUser(10), await newUser()]
  const { status, body } = await ann.send(true, [pay(ben, 6), pay(ben, 4)])
  expect(status).toBe(200)
  expect(body).toMatchObject({ results: [{ index: 0, status: 'posted' }, { index: 1 }], wallets: [{ balance: 0 }] })
  expect([await posted(ann.walletId), await posted(ben.walletId)]).toEqual([0n, 1000n])
})

type Bad = { what: string; transfer: object; status: number; code: string }
test.each<Bad>([
  { what: 'that is short of money', transfer: { amount: 11 }, status: 409, code: 'insufficient_funds' },
  { what: 'to nowhere', transfer: { to_wallet_id: 'nowhere' }, status: 404, code: 'wallet_not_found' },
  { what: 'from a stranger', transfer: { from_wallet_id: 'theirs' }, status: 404, code: 'wallet_not_found' },
])('one transfer $what refuses an atomic batch as a whole, and is named', async ({ transfer, status, code }) => {
  const [ann, ben] = [await newUser(10), await newUser()]
  const wrong = { ...pay(ben, 1), ...transfer }
  const answer = await ann.send(true, [pay(ben, 6), wrong, pay(ben, 1)])
  expect([answer.status, answer.body]).toMatchObject([status, { code, failed_index: 1 }])
  const alone = await ann.send(true, [wrong])
  expect([alone.status, alone.body]).toMatchObject([status, { code, failed_index: 0 }])
  expect([await posted(ann.walletId), await paidTo(ben.walletId)]).toEqual([1000n, 0])
})

test('a batch by item posts what it can, and says in order what became of each', async () => {
  const [ann, ben] = [await newUser(10), await newUser()]
  const { status, body } = await ann.send(false, [pay(ben, 6), pay(ben, 5), pay(ann, 1), pay(ben, 4)])
  expect(status).toBe(200)
  expect(body.results).toMatchObject([
    { index: 0, status: 'posted' },
    { index: 1, status: 'refused', code: 'insufficient_funds' },
    { index: 2, status: 'refused', code: 'same_wallet' },
    { index: 3, status: 'posted' },
  ])
  expect([await posted(ann.walletId), await posted(ben.walletId)]).toEqual([0n, 1000n])
})

test('a thousand transfers by item need few commits, and a thousand and one are too many', async () => {
  const [ann, ben] = [await newUser(1000), await newUser()]
  const before = await readsOn(service.db).count(blocks, {})
  const { body } = await ann.send(
    false,
    Array(1000).fill({ ...pay(ben, 1), description: 'wages'.repeat(20) }) as object[],
    'thousand',
  )
  expect(body.results.filter(({ status }) => status === 'posted')).toHaveLength(1000)
  expect((await readsOn(service.db).count(blocks, {})) - before).toBeLessThan(10)
  expect(await posted(ben.walletId)).toBe(100_000n)
  expect((await ann.send(true, Array(1001).fill(pay(ben, 1)) as object[])).status).toBe(422)
  expect((await ann.send(true, [])).status).toBe(422)
})

test('twenty repeats of a batch by item at once: each transfer once, one answer', async () => {
  const [ann, ben] = [await newUser(10), await newUser()]
  const items = [pay(ben, 4), pay(ben, 9), pay(ben, 4)]
  const answers = await Promise.all(Array.from({ length: 20 }, () => ann.send(false, items, 'twenty')))
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1)
  expect(answers[0]?.body.results.map(({ status }) => status)).toEqual(['posted', 'refused', 'posted'])
  expect(await posted(ben.walletId)).toBe(800n)
})

test('a repeat after a crash half way finds what is posted, keeps what was refused, and does the rest', async () => {
  const [ann, ben, rich] = [await newUser(10), await newUser(), await newUser(100)]
  const deps = {
    db: service.db,
    now: () => new Date(),
    ledger: createLedger({ db: service.db, now: () => new Date() }),
    wallets: createWalletBook(service.db),
  }
  let taken = 0
  const dying = { submit: (request: LedgerRequest) => (++taken > 2 ? Promise.reject(new Error('killed')) : deps.ledger.submit(request)) } // prettier-ignore
  const asked = [4, 7, 5].map((amount) => ({
    fromWalletId: ann.walletId, toWalletId: ben.walletId, amount, description: null, loc: [],
  })) // prettier-ignore
  const sender = { actor: 'user:ann', payerId: undefined, claim: { id: uuidv7(), fingerprint: 'same' } }
  await expect(transferEach({ ...deps, ledger: dying }, asked, sender)).rejects.toThrow('killed')
  expect(await posted(ben.walletId)).toBe(400n)
  await rich.send(true, [pay(ann, 50)])
  const results = await transferEach(deps, asked, sender)
  expect(results.map(({ status }) => status)).toEqual(['posted', 'posted', 'posted'])
  expect(await posted(ben.walletId)).toBe(1600n)
  expect(await transferEach(deps, asked, sender)).toEqual(results)
  expect(await posted(ben.walletId)).toBe(1600n)
})

test('an answer that was lost is made again from what is final, refusals too', async () => {
  const [ann, ben, rich] = [await newUser(10), await newUser(), await newUser(100)]
  const first = await ann.send(false, [pay(ben, 4), pay(ben, 7)], 'lost')
  await forgetAnswers()
  await rich.send(true, [pay(ann, 50)])
  const repeat = await ann.send(false, [pay(ben, 4), pay(ben, 7)], 'lost')
  expect(repeat.headers['idempotent-replayed']).toBeUndefined()
  expect(repeat.body.results).toEqual(first.body.results)
  const third = await ann.send(false, [pay(ben, 4), pay(ben, 7)], 'lost')
  expect(third.headers['idempotent-replayed']).toBe('true')
  expect(third.body).toEqual(repeat.body)
})

test('the key of a batch that crashed is for its payload alone, and stays so', async () => {
  const [ann, ben] = [await newUser(10), await newUser()]
  const first = await ann.send(false, [pay(ben, 4)], 'other')
  await forgetAnswers()
  const other = await ann.send(false, [pay(ben, 5)], 'other')
  expect([other.status, other.body]).toMatchObject([422, { code: 'idempotency_key_reused' }])
  expect((await ann.send(false, [pay(ben, 4)], 'other')).body).toEqual(first.body)
  expect(await posted(ben.walletId)).toBe(400n)
})

test('sixteen atomic batches of a hundred at once are all posted', async () => {
  const [ann, ben] = [await newUser(1600), await newUser()]
  const items = Array(100).fill({ ...pay(ben, 1), description: 'wages' }) as object[]
  const answers = await Promise.all(Array.from({ length: 16 }, () => ann.send(true, items)))
  expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(200))
  expect(await posted(ben.walletId)).toBe(160_000n)
})

/** Leaves of a finished request what one leaves that crashed before its answer was stored. */
const forgetAnswers = async () => {
  await native(service.db, idempotency).deleteMany({})
  const redis = new Redis(process.env['REDIS_URL'] ?? '')
  const keys = await redis.keys(`${service.db.name}:*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
}
