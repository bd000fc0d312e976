import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { balanceOf, clientOf, fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import type { ChainedEntry } from './block.js'
import { entries } from './store.js'

const SEEDS = Number(process.env['SEEDS'] ?? 1)
const CLIENTS = 6
const REQUESTS = 20

// Two services on one database, as two replicas are.
let service: TestService
let replicas: { db: TestService; api: ReturnType<typeof clientOf> }[]
beforeAll(async () => {
  service = await startTestService(walletService)
  const settings = { MONGODB_DATABASE: service.db.name, AUTH_URL: service.tokens.authUrl }
  const token = service.tokens.userToken('admin')
  const other = await startTestService(walletService, settings)
  replicas = [service, other].map((db) => ({ db, api: clientOf(db, token) }))
})
afterAll(async () => {
  for (const { db } of [...replicas].reverse()) await db.close()
})
afterEach(async () => expect(await wrongInTheBooks(service)).toEqual(nothingWrong))

type Answer = { status: number; body: unknown }
const replica = (index: number) => (replicas[index % 2] as (typeof replicas)[number]).api
const post = async (index: number, path: string, body: object = {}, key = uuidv7()): Promise<Answer> => {
  const { status, body: answer } = await replica(index).send('post', path, body, key)
  return { status, body: answer as unknown }
}

/** One request as its client saw it: when it was sent and answered, and what the answer says about the account. */
type Seen = {
  sentAt: number
  answeredAt: number
  /** Finds the entry that the request made; a reading or a refusal made none. */
  entry?: (entry: ChainedEntry) => boolean
  balance?: number
  available: number
}

type WalletView = { id: string; balance: number; available: number }

/** A client that sends one request after another about one wallet, at random, to both replicas. */
const work = async (hot: string, others: string[], random: () => number): Promise<Seen[]> => {
  const history: Seen[] = []
  const held: string[] = []
  for (let count = 0; count < REQUESTS; count++) {
    const [kind, amount] = [Math.floor(random() * 6), 1 + Math.floor(random() * 60)]
    const other = others[count % others.length] ?? ''
    const hold = kind === 4 ? held.pop() : undefined
    const sentAt = performance.now()
    const ask = [
      () => post(count, '/wallet/credit', { wallet_id: hot, amount }),
      () => post(count, '/wallet/debit', { wallet_id: hot, amount }),
      () => post(count, '/transfers', { from_wallet_id: hot, to_wallet_id: other, amount }),
      () => post(count, '/holds', { wallet_id: hot, to_wallet_id: other, amount }),
      () => post(count, `/holds/${hold ?? ''}/${random() < 0.5 ? 'capture' : 'release'}`),
      async () => replica(count).get(`/wallets/${hot}`) as Promise<Answer>,
    ][kind === 4 && hold === undefined ? 5 : kind]
    const { status, body } = (await ask?.()) ?? { status: 0, body: {} }
    const answeredAt = performance.now()
    const { id = '', wallet, wallets } = body as { id?: string; wallet?: WalletView; wallets?: WalletView[] }
    if (status === 409) history.push({ sentAt, answeredAt, available: (body as WalletView).available })
    else {
      expect([status < 300, body]).toEqual([true, body])
      const view = wallet ?? wallets?.find((one) => one.id === hot) ?? (body as WalletView)
      const { balance, available } = view
      const kinds = hold === undefined ? ['hold'] : ['capture', 'release']
      const made = (one: ChainedEntry) => one._id === id || (one.reference?.id === id && kinds.includes(one.kind))
      history.push({ sentAt, answeredAt, balance, available, ...(view !== body && { entry: made }) })
      if (kind === 3) held.push(id)
    }
  }
  return history
}

/** What the journal says the account came to after each of its entries. */
const statesOf = (journal: ChainedEntry[], hot: string) => {
  let [balance, heldMinor] = [0, 0n]
  const states = journal.map(({ postings, reservations }) => {
    for (const one of postings) if (one.accountId === hot) balance = toWireAmount(one.balanceAfterMinor, 'USD')
    for (const one of reservations) if (one.accountId === hot && one.direction === 'out') heldMinor += one.amountMinor
    return { balance, available: balance - toWireAmount(heldMinor, 'USD') }
  })
  return [{ balance: 0, available: 0 }, ...states]
}

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'seed %i: what many clients of two replicas see of one account is one history, in the order in which it happened',
  async (seed) => {
    const hot = await fundedWallet(service, uuidv7(), 300)
    const others = [await fundedWallet(service, uuidv7()), await fundedWallet(service, uuidv7())]
    const clients = Array.from({ length: CLIENTS }, (_, index) => work(hot, others, randomFrom(seed * 100 + index)))
    const history = (await Promise.all(clients)).flat()

    const touching = { $or: [{ 'postings.accountId': hot }, { 'reservations.accountId': hot }] }
    const journal = await readsOn(service.db).find(entries, touching, { sort: { height: 1, index: 1 } })
    const states = statesOf(journal, hot)
    const made = history.flatMap((seen) => {
      if (!seen.entry) return []
      const place = journal.findIndex(seen.entry) + 1
      expect(states[place]).toEqual({ balance: seen.balance, available: seen.available })
      return [{ ...seen, place }]
    })
    // Every entry but the first, which funded the wallet, answers one request, and no two the same.
    expect(made.map(({ place }) => place).sort((one, other) => one - other)).toEqual(journal.slice(1).map((_, index) => index + 2)) // prettier-ignore
    for (const one of made)
      for (const other of made) if (one.answeredAt < other.sentAt) expect(one.place).toBeLessThan(other.place)

    const looked = history.filter(({ entry }) => !entry)
    for (const { sentAt, answeredAt, balance, available } of looked) {
      const earliest = Math.max(1, ...made.filter((one) => one.answeredAt < sentAt).map(({ place }) => place))
      const latest = Math.min(journal.length, ...made.filter((one) => one.sentAt > answeredAt).map(({ place }) => place - 1)) // prettier-ignore
      const possible = states.slice(earliest, latest + 1)
      expect(possible).toContainEqual({ balance: balance ?? (expect.anything() as unknown), available })
    }
    expect(looked.length).toBeGreaterThan(0)
  },
)

test('of captures and releases of one hold on two replicas at once exactly one wins', async () => {
  for (let round = 0; round < 3; round++) {
    const [from, to] = [await fundedWallet(service, uuidv7(), 100), await fundedWallet(service, uuidv7())]
    const { body } = await post(round, '/holds', { wallet_id: from, to_wallet_id: to, amount: 40 })
    await post(round, '/holds', { wallet_id: from, to_wallet_id: to, amount: 40 })
    const { id } = body as { id: string }
    const steps = Array.from({ length: 10 }, (_, index) => post(index, `/holds/${id}/${index % 4 < 2 ? 'capture' : 'release'}`)) // prettier-ignore
    const statuses = (await Promise.all(steps)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(9)
    expect((await balanceOf(service, from)).held).toBe(4000n)
  }
})

test.each([true, false])(
  'a batch (atomic: %p) that is sent to two replicas under one key is made once, and answered the same',
  async (atomic) => {
    const [from, to] = [await fundedWallet(service, uuidv7(), 10), await fundedWallet(service, uuidv7())]
    const amounts = atomic ? [3, 4] : [3, 9, 4]
    const transfers = amounts.map((amount) => ({ from_wallet_id: from, to_wallet_id: to, amount }))
    const key = uuidv7()
    const repeats = Array.from({ length: 10 }, (_, index) =>
      post(index, '/transfers/batch', { atomic, transfers }, key),
    )
    const answers = await Promise.all(repeats)
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await balanceOf(service, to)).toMatchObject({ posted: 700n })
  },
)

test('atomic batches and single payments on two replicas compete for one wallet: it pays out what it holds', async () => {
  const [from, to] = [await fundedWallet(service, uuidv7(), 50), await fundedWallet(service, uuidv7())]
  const one = { from_wallet_id: from, to_wallet_id: to, amount: 1 }
  const batch = { atomic: true, transfers: Array.from({ length: 5 }, () => one) }
  const payments = Array.from({ length: 30 }, (_, index) =>
    index % 3 === 0 ? post(index, '/transfers/batch', batch) : post(index, '/transfers', one),
  )
  const answers = await Promise.all(payments)
  expect(new Set(answers.map(({ status }) => Math.floor(status / 100)))).toEqual(new Set([2, 4]))
  const paid = answers.reduce((sum, { status }, index) => (status < 300 ? sum + (index % 3 === 0 ? 5 : 1) : sum), 0)
  expect(await balanceOf(service, to)).toMatchObject({ posted: BigInt(paid * 100) })
  expect(paid).toBeGreaterThan(45)
})
