import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
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

type Leg = [account_id: string, side: 'debit' | 'credit', amount: number | string]
const enter = (legs: Leg[], key?: string) => {
  const postings = legs.map(([account_id, side, amount]) => ({ account_id, side, amount }))
  return userClient(service, 'admin').send('post', '/ledger/entries', { postings, description: 'by hand' }, key)
}

test('an admin enters many legs at once, in several currencies, each of which balances', async () => {
  const ann = await fundedWallet(service, uuidv7())
  const answer = await enter([
    ['house:bank:USD', 'debit', 100],
    [ann, 'credit', '97.5'],
    ['house:fee_income:USD', 'credit', 2.5],
    ['house:bank:KWD', 'debit', '1.005'],
    ['house:clearing:KWD', 'credit', 1.005],
  ])
  expect(answer.status).toBe(201)
  expect(answer.body).toMatchObject({
    kind: 'manual',
    description: 'by hand',
    postings: [{}, { account_id: ann, amount: 97.5, balance_after: 97.5 }, {}, { currency: 'KWD', amount: 1.005 }, {}],
    wallets: [{ id: ann, balance: 97.5 }],
  })
  expect(await balanceOf(service, 'house:fee_income:USD')).toMatchObject({ posted: 250n })
})

test('an entry that does not balance in each currency, or names an unknown account, is refused and leaves nothing', async () => {
  const ann = await fundedWallet(service, uuidv7(), 10)
  const refused = async (legs: Leg[]) => {
    const { status, body } = await enter(legs)
    return { status, body: body as object }
  }
  expect(await refused([['house:bank:USD', 'debit', 5], [ann, 'credit', 4]])).toMatchObject({
    status: 422,
    body: { code: 'entry_unbalanced', currency: 'USD', debits: 5, credits: 4 },
  }) // prettier-ignore
  expect(await refused([['house:bank:EUR', 'debit', 5], [ann, 'credit', 5]])).toMatchObject({
    body: { code: 'entry_unbalanced', currency: 'EUR' },
  }) // prettier-ignore
  for (const unknown of ['house:petty_cash:USD', 'house:bank:US', 'nowhere'])
    expect(await refused([[unknown, 'debit', 5], [ann, 'credit', 5]])).toMatchObject({
      status: 404,
      body: { code: 'account_not_found', account_id: unknown },
    }) // prettier-ignore
  expect(await refused([[ann, 'debit', 11], ['house:bank:USD', 'credit', 11]])).toMatchObject({
    status: 409,
    body: { code: 'insufficient_funds' },
  }) // prettier-ignore
  expect(await refused([[ann, 'debit', 1]])).toMatchObject({ status: 422, body: { code: 'validation_failed' } })
  expect(await refused([['house:bank:USD', 'debit', 1.001], [ann, 'credit', 1.001]])).toMatchObject({
    body: { errors: [{ loc: ['body', 'postings', 0, 'amount'] }] },
  }) // prettier-ignore
  expect(await balanceOf(service, ann)).toMatchObject({ posted: 1000n })
})

test('a repeat under one key is entered once; nobody but an admin enters by hand', async () => {
  const ann = await fundedWallet(service, uuidv7())
  const legs: Leg[] = [['house:bank:USD', 'debit', 3], [ann, 'credit', 3]] // prettier-ignore
  const answers = await Promise.all(Array.from({ length: 10 }, () => enter(legs, 'by-hand')))
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  expect(await balanceOf(service, ann)).toMatchObject({ posted: 300n })
  expect((await userClient(service, 'staff').send('post', '/ledger/entries', {})).status).toBe(403)
})

test('the accounts of the books are listed by id, in stretches', async () => {
  const admin = userClient(service, 'admin')
  const ann = await fundedWallet(service, uuidv7(), 10)
  await admin.send('post', '/holds', { wallet_id: ann, amount: 4 })
  const seen: { id: string }[] = []
  let path: string | undefined = '/ledger/accounts?page_size=2&kind=wallet'
  while (path !== undefined) {
    const answer: { status: number; body: unknown; headers: Record<string, string> } = await admin.get(path)
    expect(answer.status).toBe(200)
    seen.push(...(answer.body as { id: string }[]))
    path = /<([^>]+)>/.exec(answer.headers['link'] ?? '')?.[1]
  }
  const ids = seen.map(({ id }) => id)
  expect([...new Set(ids)].sort()).toEqual(ids)
  expect(seen.find(({ id }) => id === ann)).toMatchObject({
    kind: 'wallet',
    type: 'liability',
    currency: 'USD',
    balance: 10,
    available: 6,
    held: 4,
    status: 'open',
  })
  expect((await admin.get('/ledger/accounts?kind=house')).body).toContainEqual(
    expect.objectContaining({ id: 'house:bank:USD', type: 'asset', user_id: null }),
  )
  expect((await userClient(service, 'staff').get('/ledger/accounts')).status).toBe(403)
})
