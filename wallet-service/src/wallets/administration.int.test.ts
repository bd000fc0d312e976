import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { walletClosed, walletFrozen, walletUnfrozen } from '@countinghouse/shared/contracts/wallet'
import { announced } from '@countinghouse/shared/testing/events'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { balanceOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

type Answer = { status: number; body: { code?: string; status?: string } }
const send = async (method: 'post' | 'put' | 'patch', path: string, body: object): Promise<Answer> =>
  userClient(service, 'admin').send(method, path, body)
const act = (id: string, action: string) => send('post', `/wallets/${id}/${action}`, { reason: 'asked by the bank' })
const credit = (id: string, amount = 1) => send('post', '/wallet/credit', { wallet_id: id, amount })
const debit = (id: string, amount = 1) => send('post', '/wallet/debit', { wallet_id: id, amount })
const refused = (code: string) => ({ status: 409, body: { code } })

test('freezing and unfreezing take effect at once, are announced with their reason, and are not done twice', async () => {
  const userId = uuidv7()
  const id = await fundedWallet(service, userId, 10)
  expect((await debit(id)).status).toBe(201)
  expect(await act(id, 'freeze')).toMatchObject({ status: 200, body: { id, status: 'frozen', balance: 9 } })
  expect(await debit(id)).toMatchObject(refused('wallet_frozen'))
  expect((await credit(id)).status).toBe(201)
  expect(await act(id, 'freeze')).toMatchObject(refused('wallet_frozen'))
  expect(await act(id, 'unfreeze')).toMatchObject({ status: 200, body: { status: 'open' } })
  expect((await debit(id)).status).toBe(201)
  expect(await act(id, 'unfreeze')).toMatchObject(refused('wallet_not_frozen'))
  for (const contract of [walletFrozen, walletUnfrozen])
    expect((await announced(service.db, contract)).filter(({ subject }) => subject === id)).toMatchObject([
      { data: { wallet_id: id, user_id: userId, reason: 'asked by the bank' } },
    ])
})

test('a wallet is closed only when nothing is in it, and a closed one moves nothing for ever', async () => {
  const [id, other] = [await fundedWallet(service, uuidv7(), 10), await fundedWallet(service, uuidv7(), 10)]
  expect(await act(id, 'close')).toMatchObject(refused('wallet_not_empty'))
  await debit(id, 10)
  const hold = await send('post', '/holds', { wallet_id: other, to_wallet_id: id, amount: 5 })
  expect(await act(id, 'close')).toMatchObject(refused('wallet_not_empty'))
  await send('post', `/holds/${(hold.body as { id: string }).id}/release`, {})
  expect(await act(id, 'close')).toMatchObject({ status: 200, body: { status: 'closed' } })
  expect(await credit(id)).toMatchObject(refused('wallet_closed'))
  for (const action of ['freeze', 'unfreeze', 'close'])
    expect(await act(id, action)).toMatchObject(refused('wallet_closed'))
  expect(await send('put', `/wallets/${id}/limits`, { max_balance: 1 })).toMatchObject(refused('wallet_closed'))
  expect((await announced(service.db, walletClosed)).filter(({ subject }) => subject === id)).toHaveLength(1)
})

test('closing and a credit at the same moment: one of them loses, and no money is locked in', async () => {
  for (let round = 0; round < 20; round += 1) {
    const id = await fundedWallet(service, uuidv7())
    const [closed, ...credits] = await Promise.all([act(id, 'close'), credit(id), credit(id)])
    const paid = credits.filter(({ status }) => status === 201).length
    expect(closed?.status).toBe(paid > 0 ? 409 : 200)
    expect(await balanceOf(service, id)).toMatchObject({ posted: BigInt(paid) * 100n })
  }
})

test('a wallet holds no more than its limit; one that is above it already can only lose', async () => {
  const id = await fundedWallet(service, uuidv7(), 10)
  const limits = (max_balance: unknown, method: 'put' | 'patch' = 'put') =>
    send(method, `/wallets/${id}/limits`, { max_balance })
  expect(await limits(12)).toMatchObject({ status: 200, body: { id, max_balance: 12, balance: 10 } })
  expect((await credit(id, 2)).status).toBe(201)
  expect(await credit(id, 0.01)).toMatchObject({ status: 409, body: { code: 'balance_limit', limit: 12 } })
  expect((await limits('5.50', 'patch')).body).toMatchObject({ max_balance: 5.5 })
  expect((await debit(id, 1)).status).toBe(201)
  expect(await credit(id, 1)).toMatchObject(refused('balance_limit'))
  expect((await limits(null)).body).toMatchObject({ max_balance: null })
  expect((await credit(id, 100)).status).toBe(201)
  expect((await limits(-1)).status).toBe(422)
  expect((await limits(1.005)).status).toBe(422)
})

test('only admins do this, only to wallets, and say why', async () => {
  expect(await act('nowhere', 'freeze')).toMatchObject({ status: 404, body: { code: 'wallet_not_found' } })
  expect((await send('post', '/wallets/x/freeze', {})).status).toBe(422)
  expect((await send('put', '/wallets/x/limits', { max_balance: 1 })).status).toBe(404)
  const id = await fundedWallet(service, 'owner')
  for (const [role, userId] of [['customer', 'owner'], ['staff']] as const) {
    const api = userClient(service, role, userId)
    for (const action of ['freeze', 'unfreeze', 'close'])
      expect((await api.send('post', `/wallets/${id}/${action}`, { reason: 'mine' })).status).toBe(403)
    expect((await api.send('put', `/wallets/${id}/limits`, { max_balance: 1 })).status).toBe(403)
  }
})
