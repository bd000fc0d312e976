import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { entries } from '../ledger/store.js'
import { balanceOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'
import { setStatus } from '../testing/wallets.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

type Answer = { status: number; text: string; body: { id: string; code?: string } }
const post = async (path: string, body: object, key?: string): Promise<Answer> =>
  userClient(service, 'admin').send('post', path, body, key)
const reverse = (id: string, more: object = {}, key?: string) =>
  post(`/ledger/entries/${id}/reverse`, { reason: 'by mistake', ...more }, key)
const newWallet = (amount = 0) => fundedWallet(service, uuidv7(), amount)
const posted = async (id: string) => (await balanceOf(service, id)).posted
const paid = async (from: string, to: string, amount: number) =>
  (await post('/transfers', { from_wallet_id: from, to_wallet_id: to, amount })).body.id

test('a reversal is a new entry that undoes the first, says which and why, and leaves it as it is', async () => {
  const [ann, ben] = [await newWallet(100), await newWallet()]
  const id = await paid(ann, ben, 40)
  const before = await readsOn(service.db).findOne(entries, { _id: id })
  const { status, body } = await reverse(id)
  expect(status).toBe(201)
  expect(body).toMatchObject({
    kind: 'reversal',
    reference: { kind: 'reversal', id },
    description: 'by mistake',
    postings: [
      { account_id: ann, side: 'credit', amount: 40, balance_after: 100 },
      { account_id: ben, side: 'debit', amount: 40, balance_after: 0 },
    ],
    remaining: 0,
    currency: 'USD',
    wallets: [{ balance: 100 }, { balance: 0 }],
  })
  expect(await readsOn(service.db).findOne(entries, { _id: id })).toEqual(before)
  expect([await posted(ann), await posted(ben)]).toEqual([10_000n, 0n])
})

test('parts are reversed until nothing is left', async () => {
  const [ann, ben] = [await newWallet(100), await newWallet(50)]
  const id = await paid(ann, ben, 40)
  expect((await reverse(id, { amount: 15 })).body).toMatchObject({ remaining: 25 })
  expect(await reverse(id, { amount: 25.01 })).toMatchObject({
    status: 422,
    body: { code: 'exceeds_entry', remaining: 25 },
  })
  expect((await reverse(id)).body).toMatchObject({ remaining: 0, postings: [{ amount: 25 }, { amount: 25 }] })
  for (const more of [{}, { amount: 1 }])
    expect(await reverse(id, more)).toMatchObject({ status: 409, body: { code: 'already_reversed' } })
  expect(await posted(ben)).toBe(5000n)
})

test('twenty reversals at the same moment undo an entry once; in parts, never more than it posted', async () => {
  const [ann, ben] = [await newWallet(100), await newWallet(1000)]
  const [whole, inParts] = [await paid(ann, ben, 40), await paid(ann, ben, 60)]
  const answers = await Promise.all(Array.from({ length: 20 }, () => reverse(whole)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ status, body }) => status === 409 && body.code === 'already_reversed')).toHaveLength(19)
  const parts = await Promise.all(Array.from({ length: 20 }, () => reverse(inParts, { amount: 5 })))
  expect(parts.filter(({ status }) => status === 201)).toHaveLength(12)
  expect(parts.filter(({ status }) => status === 409)).toHaveLength(8)
  expect([await posted(ann), await posted(ben)]).toEqual([10_000n, 100_000n])
})

test('two reversals at once of money that the payee no longer has twice are told that it is reversed', async () => {
  const [ann, ben] = [await newWallet(40), await newWallet()]
  const id = await paid(ann, ben, 40)
  const answers = await Promise.all([reverse(id), reverse(id), reverse(id)])
  expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([
    201,
    'already_reversed',
    'already_reversed',
  ])
})

test('twenty repeats of one partial reversal under one key: one reversal, one answer', async () => {
  const [ann, ben] = [await newWallet(100), await newWallet()]
  const id = await paid(ann, ben, 40)
  const answers = await Promise.all(Array.from({ length: 20 }, () => reverse(id, { amount: 10 }, `reverse-${id}`)))
  expect(new Set(answers.map(({ status, text }) => `${status.toString()} ${text}`)).size).toBe(1)
  expect(await posted(ben)).toBe(3000n)
})

test('what is gone or frozen cannot be taken back, and can be later', async () => {
  const [ann, ben] = [await newWallet(100), await newWallet()]
  const id = await paid(ann, ben, 40)
  const onwards = await paid(ben, ann, 1)
  expect(await reverse(id)).toMatchObject({ status: 409, body: { code: 'insufficient_funds', shortage: 1 } })
  await reverse(onwards)
  await setStatus(service, ben, 'frozen')
  expect(await reverse(id)).toMatchObject({ status: 409, body: { code: 'wallet_frozen' } })
  await setStatus(service, ben, 'open')
  expect((await reverse(id)).status).toBe(201)
})

test('a reversal is not reversed, and an entry that moved nothing neither', async () => {
  const [ann, ben] = [await newWallet(100), await newWallet()]
  const { id } = (await reverse(await paid(ann, ben, 40))).body
  expect(await reverse(id)).toMatchObject({ status: 409, body: { code: 'not_reversible', kind: 'reversal' } })
  const hold = await post('/holds', { wallet_id: ann, amount: 5 })
  const [entry] = await readsOn(service.db).find(entries, { 'reference.id': hold.body.id })
  expect(await reverse(entry?._id ?? '')).toMatchObject({ status: 409, body: { code: 'not_reversible', kind: 'hold' } })
})

test('an entry of many legs is reversed in full or not at all', async () => {
  const ann = await newWallet()
  const { id } = (
    await post('/ledger/entries', {
      postings: [
        { account_id: 'house:bank:USD', side: 'debit', amount: 10 },
        { account_id: ann, side: 'credit', amount: 9 },
        { account_id: 'house:fee_income:USD', side: 'credit', amount: 1 },
      ],
      description: 'top-up with fee',
    })
  ).body
  expect(await reverse(id, { amount: 5 })).toMatchObject({ status: 422, body: { code: 'not_divisible' } })
  expect((await reverse(id)).body).toMatchObject({
    remaining: 0,
    postings: [{ amount: 10 }, { amount: 9 }, { amount: 1 }],
  })
  expect(await reverse(id)).toMatchObject({ status: 409, body: { code: 'already_reversed' } })
  expect(await posted(ann)).toBe(0n)
})

test('only admins reverse, and only what is in the books, with a reason', async () => {
  expect(await reverse('nothing')).toMatchObject({
    status: 404,
    body: { code: 'entry_not_found', entry_id: 'nothing' },
  })
  expect(await reverse('nothing', { reason: ' ' })).toMatchObject({ status: 422 })
  for (const role of ['staff', 'customer'] as const) {
    const answer = await userClient(service, role).send('post', '/ledger/entries/x/reverse', { reason: 'mine' })
    expect(answer.status).toBe(403)
  }
})
