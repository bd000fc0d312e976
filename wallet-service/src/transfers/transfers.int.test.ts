import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { entries } from '../ledger/store.js'
import { balanceOf, clientOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'
import { setStatus } from '../testing/wallets.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

const newUser = async (amount = 0, currency = 'USD') => {
  const userId = uuidv7()
  const walletId = await fundedWallet(service, userId, amount, currency)
  return { userId, walletId, api: userClient(service, 'customer', userId) }
}
const posted = async (walletId: string) => (await balanceOf(service, walletId)).posted

test('an owner pays from their own wallet unless they say otherwise, and is told nothing of the payee’s balance', async () => {
  const [ann, ben] = [await newUser(100), await newUser(5)]
  const body = { to_wallet_id: ben.walletId, amount: '12.50', description: 'Lunch' }
  const answer = await ann.api.send('post', '/api/v1/transfers', body)
  expect(answer.status).toBe(201)
  expect(answer.body).toMatchObject({
    from_wallet_id: ann.walletId,
    to_wallet_id: ben.walletId,
    amount: 12.5,
    currency: 'USD',
    description: 'Lunch',
    wallets: [{ id: ann.walletId, balance: 87.5, available: 87.5, held: 0 }],
  })
  expect((answer.body as { wallets: unknown[] }).wallets).toHaveLength(1)
  expect([await posted(ann.walletId), await posted(ben.walletId)]).toEqual([8750n, 1750n])
  const { id } = answer.body as { id: string }
  expect((await announced(service.db, ledgerEntryPosted)).filter(({ subject }) => subject === id)).toHaveLength(1)
})

test('admins and services move money between any wallets and see both', async () => {
  const [ann, ben] = [await newUser(10), await newUser()]
  const body = { from_wallet_id: ann.walletId, to_wallet_id: ben.walletId, amount: 4 }
  const byAdmin = await userClient(service, 'admin').send('post', '/transfers', body)
  expect(byAdmin.status).toBe(201)
  expect(byAdmin.body).toMatchObject({ wallets: [{ balance: 6 }, { balance: 4 }] })
  const loans = clientOf(service, service.tokens.serviceToken('loan-service'))
  expect((await loans.send('post', '/transfers', body)).body).toMatchObject({ code: 'idempotency_key_missing' })
  expect((await loans.send('post', '/transfers', body, uuidv7())).status).toBe(201)
  const { from_wallet_id: _from, ...fromNobody } = body
  const unsaid = await userClient(service, 'admin').send('post', '/transfers', fromNobody)
  expect(unsaid.status).toBe(422)
  expect(unsaid.body).toMatchObject({ errors: [{ loc: ['body', 'from_wallet_id'], type: 'value_error.missing' }] })
})

test('who may not pay is told so: strangers, staff, and who holds another’s wallet', async () => {
  const [ann, ben] = [await newUser(10), await newUser(10)]
  const body = { from_wallet_id: ben.walletId, to_wallet_id: ann.walletId, amount: 1 }
  const foreign = await ann.api.send('post', '/transfers', body)
  expect([foreign.status, foreign.body]).toMatchObject([404, { code: 'wallet_not_found', wallet_id: ben.walletId }])
  expect((await userClient(service, 'staff').send('post', '/transfers', body)).status).toBe(403)
  expect((await clientOf(service, 'nonsense').send('post', '/transfers', body)).status).toBe(401)
  expect((await userClient(service, 'customer', 'nobody').send('post', '/transfers', body)).status).toBe(404)
  expect(await posted(ben.walletId)).toBe(1000n)
})

test('a transfer is refused, and moves nothing, for each reason there is', async () => {
  const [ann, ben, eve] = [await newUser(10), await newUser(), await newUser(0, 'EUR')]
  const pay = async (toWalletId: string, amount: unknown) => {
    const { status, body } = await ann.api.send('post', '/transfers', { to_wallet_id: toWalletId, amount })
    return { status, body: body as object }
  }
  expect(await pay(ann.walletId, 1)).toMatchObject({ status: 422, body: { code: 'same_wallet' } })
  expect(await pay(eve.walletId, 1)).toMatchObject({ status: 422, body: { code: 'currency_mismatch' } })
  expect(await pay('nowhere', 1)).toMatchObject({ status: 404, body: { wallet_id: 'nowhere' } })
  expect(await pay(ben.walletId, 10.01)).toMatchObject({
    status: 409,
    body: { code: 'insufficient_funds', available: 10, requested: 10.01, shortage: 0.01 },
  })
  for (const amount of [0, -1, 'ten', 1.005, null])
    expect(await pay(ben.walletId, amount)).toMatchObject({
      status: 422,
      body: { code: 'validation_failed', errors: [{ loc: ['body', 'amount'] }] },
    })
  await setStatus(service, ben.walletId, 'closed')
  expect(await pay(ben.walletId, 1)).toMatchObject({ status: 409, body: { code: 'wallet_closed' } })
  expect(await posted(ann.walletId)).toBe(1000n)
})

test('a frozen wallet may still be paid, but pays nobody', async () => {
  const [ann, ben] = [await newUser(10), await newUser(10)]
  await setStatus(service, ben.walletId, 'frozen')
  expect((await ann.api.send('post', '/transfers', { to_wallet_id: ben.walletId, amount: 1 })).status).toBe(201)
  const refused = await ben.api.send('post', '/transfers', { to_wallet_id: ann.walletId, amount: 1 })
  expect([refused.status, refused.body]).toMatchObject([409, { code: 'wallet_frozen' }])
})

test('an amount means what the payer’s currency says', async () => {
  const [ken, yui] = [await newUser(0, 'JPY'), await newUser(0, 'JPY')]
  await userClient(service, 'admin').send('post', '/ledger/entries', {
    postings: [
      { account_id: 'house:bank:JPY', side: 'debit', amount: 500 },
      { account_id: ken.walletId, side: 'credit', amount: 500 },
    ],
    description: 'opening',
  })
  const pay = (amount: number) =>
    ken.api.send('post', '/transfers', { from_wallet_id: ken.walletId, to_wallet_id: yui.walletId, amount })
  expect((await pay(1.5)).status).toBe(422)
  expect((await pay(200)).body).toMatchObject({ amount: 200, currency: 'JPY', wallets: [{ balance: 300 }] })
  expect(await posted(yui.walletId)).toBe(200n)
})

test('fifty payments at once from a wallet that can pay thirty: thirty are made', async () => {
  const [ann, ben] = [await newUser(30), await newUser()]
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => ann.api.send('post', '/transfers', { to_wallet_id: ben.walletId, amount: 1 })),
  )
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(30)
  expect(answers.filter(({ status, body }) => status === 409 && (body as { code: string }).code === 'insufficient_funds')).toHaveLength(20) // prettier-ignore
  expect([await posted(ann.walletId), await posted(ben.walletId)]).toEqual([0n, 3000n])
})

test('twenty repeats of one payment that takes all there is: one payment, one answer', async () => {
  const [ann, ben] = [await newUser(30), await newUser()]
  const pay = () => ann.api.send('post', '/transfers', { to_wallet_id: ben.walletId, amount: 30 }, 'all-of-it')
  const answers = await Promise.all(Array.from({ length: 20 }, pay))
  expect(new Set(answers.map(({ status, text }) => `${status.toString()} ${text}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(201)
  expect(await readsOn(service.db).count(entries, { kind: 'transfer', 'postings.accountId': ben.walletId })).toBe(1)
})
