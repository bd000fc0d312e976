import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { walletCredited } from '@countinghouse/shared/contracts/wallet'
import { inTransaction, native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { Redis } from 'ioredis'
import request from 'supertest'
import { walletService } from '../app.js'
import { accounts, entries } from '../ledger/store.js'
import { openedWallet, walletOf } from '../testing/wallets.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())

const post = (direction: 'credit' | 'debit', body: object, key?: string) =>
  request(service.url)
    .post(`/api/v1/wallet/${direction}`)
    .set({
      authorization: `Bearer ${service.tokens.userToken('admin')}`,
      ...(key !== undefined && { 'idempotency-key': key }),
    })
    .send(body)

const balanceOf = async (userId: string) => (await walletOf(service, userId)).postedMinor
const funded = async (userId: string, amount: string) => {
  const { _id } = await openedWallet(service, userId)
  expect((await post('credit', { wallet_id: _id, amount })).status).toBe(201)
  return _id
}

test('money paid in is in the wallet, in the books and in the answer', async () => {
  const { _id } = await openedWallet(service, 'ann')
  const answer = await post('credit', { wallet_id: _id, amount: '12.50' })
  expect(answer.status).toBe(201)
  expect(answer.body).toMatchObject({ kind: 'credit', amount: 12.5, wallet: { balance: 12.5, available: 12.5 } })
  expect(await balanceOf('ann')).toBe(1250n)
  const trial = await request(service.url)
    .get('/ledger/trial-balance')
    .set({ authorization: `Bearer ${service.tokens.userToken('admin')}` })
  expect(trial.body).toMatchObject({ balanced: true })
})

test('fifty debits at once on a wallet that can pay thirty: thirty are paid, twenty are told what is short', async () => {
  const walletId = await funded('ben', '30')
  const answers = await Promise.all(Array.from({ length: 50 }, () => post('debit', { wallet_id: walletId, amount: 1 })))
  const refused = answers.filter(({ status }) => status === 409)
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(30)
  expect(refused).toHaveLength(20)
  for (const { body } of refused)
    expect(body).toMatchObject({ code: 'insufficient_funds', available: 0, requested: 1, shortage: 1 })
  expect(await balanceOf('ben')).toBe(0n)
})

test.each(['with Redis', 'with Redis emptied between'])(
  'twenty parallel repeats under one key move money once and get one answer, %s',
  async (how) => {
    const walletId = await funded(`cem ${how}`, '100')
    const repeat = () => post('debit', { wallet_id: walletId, amount: 10 }, `key ${how}`.replaceAll(' ', '-'))
    const answers = await Promise.all(Array.from({ length: 20 }, repeat))
    if (how !== 'with Redis') await emptyRedis()
    const later = await repeat()
    expect(await balanceOf(`cem ${how}`)).toBe(9000n)
    expect(new Set([...answers, later].map(({ status, text }) => `${status.toString()} ${text}`)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(19)
    expect(later.headers['idempotent-replayed']).toBe('true')
  },
)

test('a key is for one payload: another one under it is refused and moves nothing', async () => {
  const walletId = await funded('dan', '100')
  await post('debit', { wallet_id: walletId, amount: 10 }, 'dan-1')
  const other = await post('debit', { wallet_id: walletId, amount: 11 }, 'dan-1')
  expect(other.status).toBe(422)
  expect(other.body).toMatchObject({ code: 'idempotency_key_reused' })
  expect(await balanceOf('dan')).toBe(9000n)
})

test('a refusal is an answer too: it is repeated although the money has come meanwhile', async () => {
  const walletId = await funded('eve', '5')
  const debit = () => post('debit', { wallet_id: walletId, amount: 6 }, 'eve-1')
  expect((await debit()).status).toBe(409)
  await post('credit', { wallet_id: walletId, amount: 5 })
  const repeat = await debit()
  expect(repeat.status).toBe(409)
  expect(repeat.headers['idempotent-replayed']).toBe('true')
  expect(await balanceOf('eve')).toBe(1000n)
})

test('a service must send a key', async () => {
  const answer = await request(service.url)
    .post('/wallet/credit')
    .set({ authorization: `Bearer ${service.tokens.serviceToken('loan-service')}` })
    .send({ wallet_id: 'any', amount: 1 })
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({ code: 'idempotency_key_missing' })
})

test.each([
  [0, 'value_error.number.not_gt'],
  [-5, 'value_error.number.not_gt'],
  [1.005, 'value_error'],
  ['ten', 'value_error'],
  ['99999999999999.99', 'value_error'],
])('an amount of %p is refused and leaves no trace', async (amount, type) => {
  const before = await readsOn(service.db).count(entries, {})
  const answer = await post('credit', { wallet_id: 'any', amount })
  expect(answer.status).toBe(422)
  expect(answer.body).toMatchObject({ errors: [{ loc: ['body', 'amount'], type }] })
  expect(await readsOn(service.db).count(entries, {})).toBe(before)
})

test('customers pay nothing in or out by themselves, and an unknown wallet is told by its id', async () => {
  const asCustomer = await request(service.url)
    .post('/wallet/credit')
    .set({ authorization: `Bearer ${service.tokens.userToken('customer')}` })
    .send({ wallet_id: 'any', amount: 1 })
  expect(asCustomer.status).toBe(403)
  const unknown = await post('credit', { wallet_id: 'nowhere', amount: 1 })
  expect(unknown.status).toBe(404)
  expect(unknown.body).toMatchObject({ code: 'wallet_not_found', wallet_id: 'nowhere' })
})

test('the database itself refuses a negative wallet and an unbalanced entry, whoever writes them', async () => {
  const walletId = await funded('fay', '1')
  await expect(
    inTransaction(service.db, (tx) => tx.update(accounts, { _id: walletId }, { $inc: { postedMinor: -101n } })),
  ).rejects.toThrow('Document failed validation')
  const [entry] = await readsOn(service.db).find(entries, {}, { limit: 1 })
  if (!entry) throw new Error('no entry')
  const unbalanced = { ...entry, _id: 'bad', key: 'bad', postings: entry.postings.slice(0, 1) }
  await expect(native(service.db, entries).insertOne(unbalanced)).rejects.toThrow('Document failed validation')
})

test('every payment in is announced once', async () => {
  const entered = await readsOn(service.db).count(entries, { kind: 'credit' })
  expect(await announced(service.db, walletCredited)).toHaveLength(entered)
})

const emptyRedis = async () => {
  const redis = new Redis(process.env['REDIS_URL'] ?? '')
  const keys = await redis.keys(`${service.db.name}:*`)
  if (keys.length > 0) await redis.del(keys)
  await redis.quit()
}
