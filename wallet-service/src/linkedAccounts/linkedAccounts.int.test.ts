import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { freePort, startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { Redis } from 'ioredis'
import request from 'supertest'
import { walletService } from '../app.js'
import { clientOf, userClient } from '../testing/client.js'
import { createAccountReader } from './reading.js'
import { linkedAccounts } from './store/accounts.js'

let service: TestService
let withoutRedis: TestService
beforeAll(async () => {
  const away = { SAMPLE_DATA: 'on', REDIS_URL: `redis://127.0.0.1:${(await freePort()).toString()}` } as const
  ;[service, withoutRedis] = await Promise.all([
    startTestService(walletService, { SAMPLE_DATA: 'on' }),
    startTestService(walletService, away),
  ])
})
afterAll(() => Promise.all([service.close(), withoutRedis.close()]))

const ann = () => userClient(service, 'customer', 'user123')
const of = (user: string) => userClient(service, 'customer', user)
const everywhere = () => [service, withoutRedis]

const acc1 = {
  ...{ id: 'acc1', type: 'credit', provider: 'Chase', accountName: 'Chase Freedom', balance: 1200.45, currency: 'USD' },
  details: { creditLimit: 5000, availableCredit: 3800, apr: 19.99, dueDate: '2025-06-15' },
}
const acc2 = {
  ...{ id: 'acc2', type: 'loan', provider: 'SoFi', accountName: 'Student Loan', balance: 8000, currency: 'USD' },
  details: { principal: 10000, interestRate: 4.5, remainingTermMonths: 12 },
}
const acc3 = {
  ...{ id: 'acc3', type: 'checking', provider: 'Wells Fargo', accountName: 'Wells Fargo Checking', balance: 3400 },
  ...{ currency: 'USD', details: { overdraftProtection: true, routingNumber: '123456789' } },
}

test('the accounts of the examples are read with their values and in their order, by type or all, again and again', async () => {
  for (const place of everywhere())
    for (let time = 0; time < 3; time += 1) {
      const api = userClient(place, 'staff')
      const all = await api.get('/users/user123/accounts')
      expect([all.status, all.text]).toEqual([200, JSON.stringify({ userId: 'user123', accounts: [acc1, acc2, acc3] })])
      expect((await api.get('/api/v1/users/user123/accounts?type=credit')).body).toEqual({
        userId: 'user123',
        accounts: [acc1],
      })
      const { body } = await api.get('/users/user456/accounts/')
      expect((body as { accounts: { id: string }[] }).accounts.map(({ id }) => id)).toEqual(['acc4'])
    }
})

test('an unknown user, and a type that is unknown or written otherwise, have no accounts', async () => {
  const staff = userClient(service, 'staff')
  for (const path of [
    'nobody/accounts',
    'user456/accounts?type=loan',
    'user123/accounts?type=Credit',
    'user123/accounts?type=constructor',
    'user123/accounts?type=pension',
  ]) {
    // prettier-ignore
    const { status, body } = await staff.get(`/users/${path}`)
    expect([path, status, (body as { accounts: unknown }).accounts]).toEqual([path, 200, []])
  }
})

test('without a token nothing is read; what is another’s is refused, whether there is such a user or not', async () => {
  expect((await request(service.url).get('/users/user123/accounts')).status).toBe(401)
  for (const user of ['user123', 'nobody']) {
    expect((await of('user456').get(`/users/${user}/accounts`)).status).toBe(403)
    expect((await of('user456').send('patch', `/users/${user}/accounts/acc1`, { balance: 1 })).status).toBe(403)
    expect((await of('user456').send('post', `/users/${user}/accounts/sync`)).status).toBe(403)
  }
  expect((await userClient(service, 'viewer').get('/users/user123/accounts/acc1')).status).toBe(200)
  expect(
    (await userClient(service, 'staff').send('patch', '/users/user123/accounts/acc1', { balance: 1 })).status,
  ).toBe(403)
})

const savings = { type: 'checking', provider: 'Bank', accountName: 'Savings', balance: '10.50', currency: 'USD', details: { overdraftProtection: false, routingNumber: '007' } } // prettier-ignore
type Account = { id: string; version: number; balance: number; accountName: string; details: Record<string, unknown> }
type Accounts = { accounts: Account[] }
const idsIn = (body: unknown) => (body as Accounts).accounts.map(({ id }) => id)

test('an account is added, changed and removed, and each list shows it at once', async () => {
  for (const place of everywhere()) {
    const api = userClient(place, 'customer', 'editor')
    const lists = ['/users/editor/accounts', '/users/editor/accounts?type=checking', '/users/editor/accounts?type=loan']
    const listed = async () =>
      (await Promise.all(lists.map((path) => api.get(path)))).map(({ body }) => idsIn(body).length)
    expect(await listed()).toEqual([0, 0, 0])
    const { status, body } = await api.send('post', '/users/editor/accounts', savings)
    const { id, version, details } = body as Account
    expect([status, version, details['routingNumber']]).toEqual([201, 1, '007'])
    expect(await listed()).toEqual([1, 1, 0])
    const path = `/users/editor/accounts/${id}`
    const changed = await api.send('patch', path, {
      accountName: 'Nest egg',
      balance: -5,
      details: { routingNumber: '008' },
    })
    expect(changed.body).toMatchObject({
      version: 2,
      balance: -5,
      details: { overdraftProtection: false, routingNumber: '008' },
    })
    expect((await api.get(lists[0] ?? '')).body).toMatchObject({ accounts: [{ accountName: 'Nest egg', balance: -5 }] })
    expect((await api.get('/users/editor/accounts/net-worth')).body).toMatchObject({
      currencies: [{ assets: 0, debts: 5, net: -5 }],
    })
    const stale = { authorization: `Bearer ${place.tokens.userToken('customer', 'editor')}`, 'if-match': '"1"' }
    expect((await request(place.url).patch(path).set(stale).send({ balance: 1 })).status).toBe(412)
    expect(
      (
        await request(place.url)
          .delete(path)
          .set({ ...stale, 'if-match': '"2"' })
      ).status,
    ).toBe(204)
    expect(await listed()).toEqual([0, 0, 0])
    expect((await api.get(path)).status).toBe(404)
  }
})

test.each([
  ['a type that there is not', { type: 'pension' }],
  ['a detail of another type', { details: { creditLimit: 5 } }],
  ['more decimals than the currency has', { balance: 1.005 }],
  ['a field that is nobody’s to set', { linkId: 'x' }],
])('an account with %s is refused', async (_what, more) => {
  expect((await ann().send('post', '/users/user123/accounts', { ...savings, ...more })).status).toBe(422)
})

test('with readers and writers side by side, whoever reads after a write sees it, in every list', async () => {
  const added = (await of('busy').send('post', '/users/busy/accounts', { ...savings, balance: 0 })).body as Account
  let written = 0
  let reads = 0
  let isDone = false
  const read = async (path: string): Promise<void> => {
    while (!isDone) {
      const before = written
      const { body } = await of('busy').get(path)
      const [seen] = (body as Accounts).accounts
      expect(seen?.balance).toBeGreaterThanOrEqual(before)
      reads += 1
    }
  }
  const write = async (): Promise<void> => {
    for (let balance = 1; balance <= 20; balance += 1) {
      await of('busy').send('patch', `/users/busy/accounts/${added.id}`, { balance })
      written = balance
    }
    isDone = true
  }
  const paths = ['/users/busy/accounts', '/users/busy/accounts?type=checking']
  await Promise.all([write(), ...[...paths, ...paths, ...paths].map(read)])
  expect(reads).toBeGreaterThan(40)
})

test('a Redis that was away while an account changed, or keeps what it should not, misleads nobody', async () => {
  const redis = new Redis(process.env['REDIS_URL'] ?? '')
  await ann().get('/users/user456/accounts')
  await userClient(service, 'admin').get('/users/user456/accounts')
  const before = await redis.keys(`${service.db.name}:linked-accounts:user456:*`)
  expect(before.length).toBeGreaterThan(0)
  // As a replica without Redis does it: nothing tells Redis.
  const away = new Redis({ lazyConnect: true, enableOfflineQueue: false, retryStrategy: () => null })
  away.on('error', () => undefined)
  const reader = createAccountReader({ db: service.db, redis: away })
  const admin = clientOf(service, service.tokens.userToken('admin'))
  await admin.send('patch', '/users/user456/accounts/acc4', { balance: 1 })
  for (const key of before) await redis.set(key, 'what nobody may see')
  const fresh = (await admin.get('/users/user456/accounts')).text
  expect(JSON.parse(fresh)).toMatchObject({ accounts: [{ balance: 1 }] })
  expect(await reader.accounts('user456', undefined)).toBe(fresh)
  away.disconnect()
  redis.disconnect()
})

test('a crowd that finds nothing in Redis asks MongoDB for the accounts once', async () => {
  let finds = 0
  const watched = new Proxy(service.db, {
    get: (db, name) => {
      const value: unknown = Reflect.get(db, name)
      if (name !== 'db') return value
      return {
        collection: (called: string) => {
          if (called === linkedAccounts.name) finds += 1
          return service.db.db?.collection(called)
        },
      }
    },
  })
  const redis = new Redis(process.env['REDIS_URL'] ?? '')
  await inTransaction(service.db, (tx) => tx.update(linkedAccounts, { _id: 'acc4' }, { $set: { provider: 'Amex' } }))
  const api = of('crowd')
  await api.send('post', '/users/crowd/accounts', savings)
  const reader = createAccountReader({ db: watched, redis })
  const answers = await Promise.all(Array.from({ length: 200 }, () => reader.accounts('crowd', undefined)))
  expect([finds, new Set(answers).size]).toEqual([1, 1])
  redis.disconnect()
})
