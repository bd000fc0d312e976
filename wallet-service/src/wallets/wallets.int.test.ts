import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { walletOpened } from '@countinghouse/shared/contracts/wallet'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced, registrationOf } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { inbox } from '@countinghouse/shared/messaging/inbox'
import request from 'supertest'
import { walletService } from '../app.js'
import { accounts } from '../ledger/store.js'
import { openedWallet } from '../testing/wallets.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())

const get = (path: string, role: 'customer' | 'admin' | 'viewer', userId?: string) =>
  request(service.url)
    .get(path)
    .set({ authorization: `Bearer ${service.tokens.userToken(role, userId)}` })

test('a registration that arrives five times opens one empty wallet, and says so once', async () => {
  const event = registrationOf('ann')
  await publishEvent(service.rabbitmqUrl, event, 5)
  const wallet = await eventually(async () => {
    const answer = await get('/api/v1/wallet', 'customer', 'ann')
    expect(answer.status).toBe(200)
    return answer.body as object
  })
  expect(wallet).toMatchObject({ user_id: 'ann', currency: 'USD', balance: 0, available: 0, held: 0, status: 'open' })
  await eventually(async () => {
    expect(await readsOn(service.db).count(accounts, { ownerId: 'ann' })).toBe(1)
    expect(
      (await announced(service.db, walletOpened)).filter(({ data }) => (data as { user_id: string }).user_id === 'ann'),
    ).toHaveLength(1)
  })
})

test('staff get no wallet', async () => {
  const event = registrationOf('clerk', 'staff')
  await publishEvent(service.rabbitmqUrl, event)
  await eventually(async () => {
    expect(await readsOn(service.db).count(inbox, { eventId: event.id })).toBe(1)
  })
  expect(await readsOn(service.db).count(accounts, { ownerId: 'clerk' })).toBe(0)
})

test('a wallet is read by its owner and by admins; to other customers it does not exist, to viewers it is closed', async () => {
  const { _id } = await openedWallet(service, 'ben')
  expect((await get(`/wallets/${_id}`, 'customer', 'ben')).status).toBe(200)
  expect((await get(`/wallets/${_id}`, 'admin')).status).toBe(200)
  expect((await get(`/wallets/${_id}`, 'customer', 'eve')).status).toBe(404)
  expect((await get(`/wallets/${_id}`, 'viewer')).status).toBe(403)
})
