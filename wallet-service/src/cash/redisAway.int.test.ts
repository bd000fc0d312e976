import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePort, startTestService, type TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { walletService } from '../app.js'
import { openedWallet, walletOf } from '../testing/wallets.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService, { REDIS_URL: `redis://127.0.0.1:${await freePort()}` })
})
afterAll(() => service.close())

test('without Redis twenty repeats under one key still move money once and get one answer', async () => {
  const { _id } = await openedWallet(service, 'ann')
  const pay = () =>
    request(service.url)
      .post('/wallet/credit')
      .set({ authorization: `Bearer ${service.tokens.userToken('admin')}`, 'idempotency-key': 'ann-1' })
      .send({ wallet_id: _id, amount: 10 })
  const answers = [...(await Promise.all(Array.from({ length: 20 }, pay))), await pay()]
  expect((await walletOf(service, 'ann')).postedMinor).toBe(1000n)
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(20)
})
