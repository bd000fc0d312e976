import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Role } from '@countinghouse/shared/contracts/auth'
import { idempotency } from '@countinghouse/shared/idempotency'
import { inTransaction, native } from '@countinghouse/shared/mongo/transaction'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import request from 'supertest'
import { walletService } from '../app.js'
import { holds } from '../holds/store.js'
import { accounts, entries, insertWallet } from '../ledger/store.js'
import { reconcile } from './commands.js'
import { derivations } from './store.js'

let service: TestService
let ann: string
let ben: string

const past = { bypassDocumentValidation: true }
const call = (method: 'get' | 'post', path: string, role: Role = 'admin') =>
  request(service.url)
    [method](path)
    .set({ authorization: `Bearer ${service.tokens.userToken(role)}`, 'idempotency-key': uuidv7() })
const reconciled = async () => {
  const { body, status } = await call('post', '/api/v1/ledger/reconcile')
  expect(status).toBe(200)
  return body as { ok: boolean; problems: { code: string; id: string }[]; control_totals: object[]; holds: number }
}
const found = async () => (await reconciled()).problems.map(({ code, id }) => [code, id])

beforeAll(async () => {
  service = await startTestService(walletService)
  const open = async (id: string) => {
    await inTransaction(service.db, (tx) => insertWallet(tx, { id, ownerId: id, currency: 'USD' }, new Date()))
    return id
  }
  ;[ann, ben] = [await open(uuidv7()), await open(uuidv7())]
  const done = [
    await call('post', '/wallet/credit').send({ wallet_id: ann, amount: 100 }),
    await call('post', '/transfers').send({ from_wallet_id: ann, to_wallet_id: ben, amount: 30 }),
    await call('post', '/transfers/batch').send({
      atomic: true,
      transfers: [{ from_wallet_id: ann, to_wallet_id: ben, amount: 5 }],
    }),
    await call('post', '/holds').send({ wallet_id: ann, amount: 20 }),
    await call('post', '/holds').send({ wallet_id: ben, amount: 10 }),
  ]
  expect(done.map(({ status }) => status)).toEqual([201, 201, 200, 201, 201])
  const { id } = done[3]?.body as { id: string }
  expect((await call('post', `/holds/${id}/capture`).send({ amount: 8, final: false })).status).toBeLessThan(300)
})
afterAll(() => service.close())

test('books that only the ledger has written are reconciled, and wallets and house agree', async () => {
  const { ok, problems, control_totals, holds: held } = await reconciled()
  expect({ ok, problems }).toEqual({ ok: true, problems: [] })
  expect(held).toBe(2)
  // A hundred came in; eight of them wait in the house's clearing account.
  expect(control_totals).toEqual([{ currency: 'USD', wallets: 92, house: 92 }])
})

test('however short the stretches, and whatever is entered meanwhile, the outcome is the same; it tells how far it has come', async () => {
  const run = reconcile({ db: service.db, holds, blocksAtOnce: 1 })
  const seen: number[] = []
  let step = await run.next()
  for (; !step.done; step = await run.next()) {
    seen.push(step.value.reconciledBlocks)
    const pay = { from_wallet_id: ann, to_wallet_id: ben, amount: 0.01 }
    if (seen.length === 3) {
      await call('post', '/transfers').send(pay)
      expect((await call('post', '/ledger/reconcile')).body).toMatchObject({ code: 'reconciliation_running' })
      await call('post', '/transfers').send({ ...pay, from_wallet_id: ben, to_wallet_id: ann })
    }
  }
  expect(seen.slice(0, 5)).toEqual([1, 2, 3, 4, 5])
  expect(step.value).toMatchObject({ holds: 2, differenceCount: 0, differences: [] })
  expect(await native(service.db, derivations).countDocuments()).toBe(0)
  const { text, headers } = await call('post', '/ledger/reconcile?progress=true')
  expect(headers['content-type']).toBe('application/x-ndjson')
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines).toEqual([{ reconciled_blocks: 8, of: 8 }, expect.objectContaining({ ok: true, problem_count: 0 })])
})

test('nobody but an admin may ask', async () => {
  expect((await call('post', '/ledger/reconcile', 'staff')).status).toBe(403)
  expect((await call('get', '/ledger/verify', 'staff')).status).toBe(403)
})

test('a changed balance is found, and puts the control total out', async () => {
  const change = (by: bigint) =>
    native(service.db, accounts).updateOne({ _id: ann }, { $inc: { postedMinor: by } }, past)
  await change(1n)
  expect(await found()).toEqual([
    ['balance_differs', ann],
    ['control_total_differs', 'USD'],
  ])
  await change(-1n)
})

test('a hold that says otherwise than the journal is found', async () => {
  const hold = await native(service.db, holds).findOne({ walletId: ben })
  if (!hold) throw new Error('no hold')
  await native(service.db, holds).updateOne({ _id: hold._id }, { $set: { status: 'released' } })
  expect(await found()).toEqual([['hold_differs', hold._id]])
  await native(service.db, holds).deleteOne({ _id: hold._id })
  expect(await found()).toEqual([['hold_differs', hold._id]])
  await native(service.db, holds).insertOne(hold)
})

test.each([
  ['of another amount', (body: string) => body.replace('"amount":100,', '"amount":101,'), 'answer_differs'],
  ['without its entry', (body: string) => body.replace(/"id":"[^"]+"/, '"id":"none"'), 'answer_without_entry'],
])('an answer %s is found', async (_what, change, code) => {
  const row = await native(service.db, idempotency).findOne({ body: /"kind":"credit"/ })
  if (!row) throw new Error('no answer')
  const put = (body: string) => native(service.db, idempotency).updateOne({ _id: row._id }, { $set: { body } })
  await put(change(row.body))
  expect(await found()).toEqual([[code, row._id]])
  await put(row.body)
})

test('the verification tells its progress line by line, and ends with the result', async () => {
  const { text, headers, status } = await call('get', '/api/v1/ledger/verify')
  expect(status).toBe(200)
  expect(headers['content-type']).toBe('application/x-ndjson')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(lines[0]).toEqual({ checked_blocks: 0, checked_entries: 0, of: 8 })
  expect(lines.at(-2)).toEqual({ checked_blocks: 8, checked_entries: 8, of: 8 })
  expect(lines.at(-1)).toMatchObject({ ok: true, problems: [], problem_count: 0, blocks: 8, entries: 8 })
  await native(service.db, entries).updateOne({ height: 1 }, { $set: { description: 'x' } })
  expect((await call('get', '/ledger/verify')).text).toMatch(/"ok":false.*"code":"entries_changed".*\n$/)
})
