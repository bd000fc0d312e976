import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Role } from '@countinghouse/shared/contracts/auth'
import { inTransaction, native } from '@countinghouse/shared/mongo/transaction'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import request from 'supertest'
import { walletService } from '../app.js'
import { houseAccountId } from '../ledger/chart.js'
import { credit, debit, type EntryDraft } from '../ledger/domain.js'
import { createLedger, type Ledger } from '../ledger/ledger.js'
import { entries, insertWallet } from '../ledger/store.js'
import { verify } from '../verification/commands.js'
import { movementQuery, type MovementCursor } from './store/movements.js'

let service: TestService
let ledger: Ledger
/** The time of the books, which these tests set: three months of ann's wallet, day by day. */
let time = new Date('2026-08-01T00:00:00Z')
let ann: string
let ben: string
let carl: string

const bank = houseAccountId('bank', 'USD')
const enter = (postings: EntryDraft['postings'], more: Partial<EntryDraft> = {}) => {
  const entryId = uuidv7()
  const fields = { kind: 'credit', reference: { kind: 'test', id: entryId }, actor: 'user:clerk', postings }
  return ledger.submit({ drafts: [{ entryId, key: entryId, ...fields, ...more }] })
}
const open = async (ownerId: string): Promise<string> => {
  const id = uuidv7()
  await inTransaction(service.db, (tx) => insertWallet(tx, { id, ownerId, currency: 'USD' }, time))
  return id
}
const at = async (iso: string, work: () => Promise<unknown>) => {
  time = new Date(iso)
  await work()
}
const get = (path: string, role: Role = 'admin', userId?: string) =>
  request(service.url)
    .get(path)
    .set({ authorization: `Bearer ${service.tokens.userToken(role, userId)}` })
const nextOf = (headers: Record<string, string>) => /<([^>]+)>; rel="next"/.exec(headers['link'] ?? '')?.[1]
const idsOf = (body: { id: string }[]) => body.map(({ id }) => id)

beforeAll(async () => {
  service = await startTestService(walletService)
  ledger = createLedger({ db: service.db, now: () => time })
  ;[ann, ben, carl] = [await open('ann'), await open('ben'), await open('carl')]
  await at('2026-08-10T10:00:00Z', () => enter([debit(bank, 10000n), credit(ann, 10000n)], { description: '=cmd()' }))
  await at('2026-09-05T10:00:00Z', () =>
    enter([debit(ann, 2500n), credit(ben, 2500n)], {
      kind: 'transfer',
      reference: { kind: 'transfer', id: 'rent' },
      description: 'Rent, "old" flat',
    }),
  )
  // 30 September, 23:30 in Kolkata; still September there, and in UTC.
  await at('2026-09-30T18:00:00Z', () => enter([debit(bank, 300n), credit(ann, 300n)]))
  // Already October in Kolkata.
  await at('2026-09-30T19:00:00Z', () => enter([debit(ann, 100n), credit(bank, 100n)], { kind: 'debit' }))
  await at('2026-10-10T10:00:00Z', () =>
    enter([debit(bank, 50n), debit(ann, 50n), credit(ann, 30n), credit(ann, 70n)], { kind: 'mixed' }),
  )
})
afterAll(() => service.close())

test('every movement tells what it was, what it left and who made it', async () => {
  const { body, status } = await get('/api/v1/wallet/transactions?kind=transfer', 'customer', 'ann')
  expect(status).toBe(200)
  expect(body).toEqual([
    {
      id: expect.any(String),
      wallet_id: ann,
      kind: 'transfer',
      direction: 'debit',
      amount: 25,
      currency: 'USD',
      balance_after: 75,
      reference: { kind: 'transfer', id: 'rent' },
      description: 'Rent, "old" flat',
      actor: 'user:clerk',
      time: '2026-09-05T10:00:00.000Z',
    },
  ])
})

test('an entry that touches a wallet three times is three movements, and pages may end between them', async () => {
  const all = (await get('/wallet/transactions', 'customer', 'ann')).body as { balance_after: number }[]
  expect(all.map(({ balance_after }) => balance_after)).toEqual([77.5, 76.8, 76.5, 77, 78, 75, 100])
  const seen: unknown[] = []
  let path: string | undefined = '/wallet/transactions?page_size=2'
  while (path !== undefined) {
    const { body, headers } = await get(path, 'customer', 'ann')
    seen.push(...(body as unknown[]))
    path = nextOf(headers)
  }
  expect(seen).toEqual(all)
})

test('what is entered while somebody pages neither repeats nor hides anything', async () => {
  time = new Date('2026-10-11T10:00:00Z')
  for (let count = 0; count < 7; count++) await enter([debit(bank, 1n), credit(carl, 1n)])
  const before = idsOf((await get(`/transactions?wallet_id=${carl}`)).body)
  const seen: string[] = []
  let path: string | undefined = `/transactions?wallet_id=${carl}&page_size=2`
  while (path !== undefined) {
    const { body, headers } = await get(path)
    seen.push(...idsOf(body))
    path = nextOf(headers)
    await Promise.all(Array.from({ length: 3 }, () => enter([debit(bank, 1n), credit(carl, 1n)])))
  }
  expect(seen).toEqual(before)
})

test.each([
  ['from=2026-09-05&to=2026-09-05', [75]],
  ['to=2026-09-30', [78, 75, 100]],
  ['to=2026-09-30&tz=UTC', [77, 78, 75, 100]],
  ['from=2026-10-01', [77.5, 76.8, 76.5, 77]],
  ['reference_id=rent', [75]],
  ['reference_id=unknown', []],
  ['min_amount=25', [75, 100]],
  ['max_amount=0.5', [76.8, 76.5]],
  ['min_amount=1&max_amount=25', [77, 78, 75]],
  ['kind=mixed&max_amount=0.3', [76.8]],
])('the history is narrowed by %s', async (query, expected) => {
  const { body } = await get(`/wallet/transactions?${query}`, 'customer', 'ann')
  expect((body as { balance_after: number }[]).map(({ balance_after }) => balance_after)).toEqual(expected)
})

test.each(['cursor=bm9uc2Vuc2U', 'min_amount=abc', 'min_amount=0.001', 'from=yesterday', 'tz=Mars', 'page=2'])(
  'a query that cannot be answered is refused, not answered by nothing: %s',
  async (query) => {
    expect((await get(`/wallet/transactions?${query}`, 'customer', 'ann')).status).toBe(422)
  },
)

test('admins list all wallets, or those of one user; other people do not', async () => {
  const all = (await get('/transactions?kind=transfer')).body as { wallet_id: string }[]
  expect(all.map(({ wallet_id }) => wallet_id)).toEqual([ben, ann])
  expect((await get('/transactions?user_id=ben')).body).toMatchObject([{ wallet_id: ben, direction: 'credit' }])
  expect((await get('/transactions?user_id=nobody')).body).toEqual([])
  expect((await get('/transactions?wallet_id=nothing')).status).toBe(404)
  for (const role of ['customer', 'staff', 'viewer'] as const)
    expect((await get('/transactions', role)).status).toBe(403)
  expect((await get('/wallet/transactions', 'customer', 'nobody')).status).toBe(404)
})

test.each([
  ['2026-01-01T00:00:00Z', 0],
  ['2026-08-10T09:59:59.999Z', 0],
  ['2026-08-10T10:00:00Z', 100],
  ['2026-09-05T10:00:00Z', 75],
  ['2026-09-30T18:30:00Z', 78],
  ['2026-10-10T15:30:00%2B05:30', 77.5],
])('the balance at %s was %d', async (moment, balance) => {
  const { body, status } = await get(`/wallets/${ann}/balance?at=${moment}`, 'staff')
  expect({ status, ...body }).toMatchObject({ status: 200, balance, currency: 'USD', wallet_id: ann })
})

test('the balance now is the wallet’s; the future is not known; a foreign wallet does not exist', async () => {
  expect((await get(`/wallets/${ann}/balance`, 'customer', 'ann')).body).toMatchObject({ balance: 77.5 })
  expect((await get(`/wallets/${ann}/balance?at=2999-01-01T00:00:00Z`)).status).toBe(422)
  for (const path of ['balance', 'statement?month=2026-09'])
    expect((await get(`/wallets/${ann}/${path}`, 'customer', 'eve')).status).toBe(404)
})

test('a statement goes from the opening balance to the closing one, by the days of the business', async () => {
  const { body } = await get(`/wallets/${ann}/statement?month=2026-09`, 'customer', 'ann')
  expect(body).toMatchObject({
    wallet_id: ann,
    month: '2026-09',
    time_zone: 'Asia/Kolkata',
    opening_balance: 100,
    total_in: 3,
    total_out: 25,
    closing_balance: 78,
    transactions: [{ balance_after: 75 }, { balance_after: 78 }],
  })
  const october = await get(`/wallets/${ann}/statement?month=2026-10`)
  expect(october.body).toMatchObject({ opening_balance: 78, total_in: 1, total_out: 1.5, closing_balance: 77.5 })
  expect((await get(`/wallets/${ann}/statement?month=2026-07`)).body).toMatchObject({
    opening_balance: 0,
    closing_balance: 0,
    transactions: [],
  })
  expect((await get(`/wallets/${ann}/statement?month=2999-01`)).status).toBe(422)
})

test('a statement as CSV holds the same, and nothing that a spreadsheet would run', async () => {
  const { text, headers } = await get(`/wallets/${ann}/statement?month=2026-09&format=csv`, 'customer', 'ann')
  expect(headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' })
  const lines = text.split('\r\n')
  expect(lines).toHaveLength(6)
  expect(lines[1]).toBe('2026-08-31T18:30:00.000Z,,opening_balance,,,USD,100.00,,,,')
  expect(lines[2]).toMatch(/,transfer,debit,25\.00,USD,75\.00,transfer,rent,"Rent, ""old"" flat",user:clerk$/)
  expect(lines[4]).toBe('2026-09-30T18:30:00.000Z,,closing_balance,,,USD,78.00,,,,')
  expect((await get(`/wallets/${ann}/statement?month=2026-08&format=csv`)).text).toContain(",'=cmd(),")
})

const trialAt = async (moment?: string) => {
  const { body } = await get(`/ledger/trial-balance${moment === undefined ? '' : `?at=${moment}`}`)
  return body as { balanced: boolean; currencies: { accounts: object[] }[] }
}

test('the trial balance of any past moment is the same with checkpoints and without', async () => {
  const moments = ['2026-08-01T00:00:00Z', '2026-09-05T09:59:59Z', '2026-09-30T18:30:00Z', '2026-10-10T10:00:00Z']
  const without = [
    await trialAt(moments[0]),
    await trialAt(moments[1]),
    await trialAt(moments[2]),
    await trialAt(moments[3]),
  ]
  expect(without[0]).toMatchObject({ balanced: true, currencies: [] })
  expect(without[2]).toMatchObject({
    balanced: true,
    currencies: [
      {
        currency: 'USD',
        debits: 103,
        credits: 103,
        accounts: [
          { account: bank, type: 'asset', balance: 103 },
          { account: 'wallets', type: 'liability', balance: 103 },
        ],
      },
    ],
  })
  const run = verify({ db: service.db, now: () => time })
  while (!(await run.next()).done);
  await at('2026-11-01T10:00:00Z', () => enter([debit(bank, 5n), credit(ben, 5n)]))
  for (const [index, moment] of moments.entries()) expect(await trialAt(moment)).toEqual(without[index])
  expect((await trialAt('2026-11-01T10:00:00Z')).currencies).toEqual((await trialAt()).currencies)
})

test('the history of one wallet, and a page far down in it, stay on an index', async () => {
  const plan = async (after?: MovementCursor) => {
    const explained = await native(service.db, entries)
      .find(movementQuery({ filter: { walletIds: [carl] }, after }))
      .sort({ height: -1, index: -1 })
      .limit(5)
      .explain('executionStats')
    return JSON.parse(
      JSON.stringify(explained, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
    ) as { executionStats: { totalKeysExamined: number; totalDocsExamined: number } }
  }
  for (const found of [await plan(), await plan({ place: { height: 12, index: 0 }, number: 0 })]) {
    const text = JSON.stringify(found)
    expect(text).toContain('postings.accountId_1_height_-1_index_-1')
    expect(text).not.toMatch(/"stage":"(SORT|COLLSCAN)"/)
    expect(found.executionStats.totalDocsExamined).toBeLessThanOrEqual(6)
  }
})
