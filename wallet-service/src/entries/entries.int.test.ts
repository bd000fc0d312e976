import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { walletDebited } from '@countinghouse/shared/contracts/wallet'
import { announced } from '@countinghouse/shared/testing/events'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { balanceOf, clientOf, fundedWallet, nothingWrong, userClient, wrongInTheBooks } from '../testing/client.js'
import { setStatus } from '../testing/wallets.js'

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

const asService = (name = 'loan-service') => {
  const loans = clientOf(service, service.tokens.serviceToken(name))
  const enterFor = (body: object, key = uuidv7()) => loans.send('post', '/ledger/entries', body, key)
  return { ...loans, enterFor }
}
const repayment = (userId: string, amount: number, more: object = {}) => ({
  postings: [
    { user_id: userId, currency: 'USD', side: 'debit', amount },
    { account_id: 'house:loans_receivable:USD', side: 'credit', amount },
  ],
  description: 'Repayment',
  reference: { kind: 'loan', id: uuidv7() },
  key: 'repayment:1',
  ...more,
})

test('a service enters a step of its document once for ever, whatever key the request has, and can find it', async () => {
  const { enterFor, get } = asService()
  const userId = uuidv7()
  const ann = await fundedWallet(service, userId, 10)
  const body = repayment(userId, 4)
  const [first, ...others] = await Promise.all(Array.from({ length: 10 }, () => enterFor(body, 'same')))
  expect(first?.status).toBe(201)
  expect(first?.body).toMatchObject({
    key: `loan:${body.reference.id}:repayment:1`,
    kind: 'loan',
    reference: body.reference,
    actor: 'service:loan-service',
    postings: [{ account_id: ann, balance_after: 6 }, { account_id: 'house:loans_receivable:USD' }],
    wallets: [{ id: ann, available: 6 }],
  })
  for (const other of others) expect(other.text).toBe(first?.text)
  const id = (first?.body as { id: string }).id
  const again = await Promise.all([enterFor(body), enterFor({ ...body, postings: repayment(userId, 1).postings })])
  for (const { status, body: problem } of again)
    expect([status, problem]).toMatchObject([409, { code: 'entry_exists', entry_id: id }])
  expect(await balanceOf(service, ann)).toMatchObject({ posted: 600n })
  const found = await get(`/ledger/entries?reference_kind=loan&reference_id=${body.reference.id}`)
  expect([found.status, found.body]).toMatchObject([200, [{ id, key: `loan:${body.reference.id}:repayment:1` }]])
  expect((await get(`/ledger/entries?reference_kind=sale&reference_id=${body.reference.id}`)).body).toEqual([])
  const moved = await announced(service.db, walletDebited)
  expect(moved.at(-1)).toMatchObject({ subject: ann, data: { entry_id: id, reference: body.reference } })
})

test('a service is refused what others are, and names the document, the step and the request', async () => {
  const { enterFor, send } = asService()
  const userId = uuidv7()
  const ann = await fundedWallet(service, userId, 1)
  const refused = async (body: object) => {
    const { status, body: problem } = await enterFor(body)
    return [status, problem] as unknown
  }
  const body = repayment(userId, 5)
  expect(await refused(body)).toMatchObject([409, { code: 'insufficient_funds', shortage: 4 }])
  expect(await refused(repayment(uuidv7(), 5))).toMatchObject([404, { code: 'wallet_not_found' }])
  const missing = async (field: object) => {
    const [, problem] = (await refused({ ...body, ...field })) as [number, { errors: { loc: string[] }[] }]
    return problem.errors[0]?.loc
  }
  expect(await missing({ key: undefined })).toEqual(['body', 'key'])
  expect(await missing({ reference: undefined })).toEqual(['body', 'reference'])
  const [debited, credited] = body.postings
  for (const both of [
    { ...debited, account_id: ann },
    { side: 'debit', amount: 5 },
  ])
    expect(await missing({ postings: [both, credited] })).toEqual(['body', 'postings', 0])
  await setStatus(service, ann, 'frozen')
  expect(await refused(repayment(userId, 1))).toMatchObject([409, { code: 'wallet_frozen' }])
  expect([(await send('post', '/ledger/entries', body)).body]).toMatchObject([{ code: 'idempotency_key_missing' }])
})

test('a question about the journal that nothing can answer is refused, not answered with nothing', async () => {
  const { get } = asService()
  expect((await get('/ledger/entries?account_id=house:rounding:CHF')).body).toEqual([])
  for (const [query, expected] of [
    ['account_id=house:petty_cash:USD', { status: 404, code: 'account_not_found' }],
    ['account_id=nobody', { status: 404, code: 'account_not_found' }],
    ['reference_kind=loan', { status: 422, code: 'validation_failed' }],
    ['referenceid=1', { status: 422, code: 'validation_failed' }],
  ] as const)
    expect((await get(`/ledger/entries?${query}`)).body).toMatchObject(expected)
  expect((await userClient(service, 'staff').get('/ledger/entries')).status).toBe(403)
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
