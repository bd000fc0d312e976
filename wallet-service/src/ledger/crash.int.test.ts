import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { watchFaultPoints } from '@countinghouse/shared/fault'
import { createLog } from '@countinghouse/shared/log'
import { connectBroker } from '@countinghouse/shared/messaging/broker'
import { outbox } from '@countinghouse/shared/messaging/outbox'
import { startRelay } from '@countinghouse/shared/messaging/relay'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { announced } from '@countinghouse/shared/testing/events'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { freshVirtualHost, testServers } from '@countinghouse/shared/testing/servers'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { connect } from 'amqplib'
import type { Connection } from 'mongoose'
import { houseAccountId } from './chart.js'
import { credit, debit, type EntryDraft } from './domain.js'
import { createLedger, type Ledger } from './ledger.js'
import { trialBalance } from '../testing/trialBalance.js'
import { accounts, blocks, entries, insertWallet } from './store.js'

const SEEDS = Number(process.env['SEEDS'] ?? 3)
const CLIENTS = 6
const PAYMENTS = 60
const WALLETS = 5

let db: Connection
const ends: (() => Promise<unknown>)[] = []
beforeAll(async () => {
  const database = await freshDatabase(accounts, blocks, entries)
  db = database.db
  ends.push(() => database.close())
})
afterEach(() => {
  watchFaultPoints(undefined)
})
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

class Crash extends Error {}

const crashedAt = new Set<string>()

/** Crashes at one passed point in ten. */
const crashAtRandom = (random: () => number): void => {
  watchFaultPoints((name) => {
    if (random() >= 0.1) return
    crashedAt.add(name)
    throw new Crash(name)
  })
}

const move = (key: string, from: string, to: string, amountMinor: bigint): EntryDraft => ({
  entryId: uuidv7(),
  key,
  kind: 'test',
  reference: { kind: 'test', id: key },
  postings: [debit(from, amountMinor), credit(to, amountMinor)],
  actor: 'user:test',
})

type Answer = 'done' | 'refused'

/** A client that asks again, under the same key, until it is answered; each crash leaves a process without memory. */
const client = (start: () => Ledger) => {
  let ledger = start()
  return async (draft: EntryDraft): Promise<Answer> => {
    for (;;) {
      const asked = ledger
      try {
        await asked.submit({ drafts: [{ ...draft, entryId: uuidv7() }] })
        return 'done'
      } catch (error) {
        const code = (error as { code?: string }).code
        if (code === 'entry_exists') return 'done'
        if (code === 'insufficient_funds') return 'refused'
        if (!(error instanceof Crash)) throw error
        if (ledger === asked) ledger = start()
      }
    }
  }
}

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'seed %i: whatever crashes between any two steps of a commit, each payment is made once, and the books agree',
  async (seed) => {
    const random = randomFrom(seed)
    const wallets = await Promise.all(
      Array.from({ length: WALLETS }, async () => {
        const id = uuidv7()
        await inTransaction(db, (tx) => insertWallet(tx, { id, ownerId: id, currency: 'USD' }, new Date()))
        return id
      }),
    )
    crashAtRandom(random)
    const submit = client(() => createLedger({ db, now: () => new Date() }))
    const pick = () => wallets[Math.floor(random() * WALLETS)] ?? ''
    const fund = wallets.map((id) => move(`fund:${id}`, houseAccountId('bank', 'USD'), id, 100n))
    await Promise.all(fund.map(submit))
    const payments = Array.from({ length: PAYMENTS }, (_, index) =>
      move(`${seed.toString()}:${index.toString()}:${pick()}`, pick(), pick(), BigInt(1 + Math.floor(random() * 60))),
    )
    const answers: Answer[] = []
    const work = async (first: number): Promise<void> => {
      for (let index = first; index < PAYMENTS; index += CLIENTS)
        answers[index] = await submit(payments[index] as EntryDraft)
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, first) => work(first)))
    watchFaultPoints(undefined)

    for (const [index, { key = '' }] of payments.entries())
      expect(await readsOn(db).count(entries, { key })).toBe(answers[index] === 'done' ? 1 : 0)
    const stored = await readsOn(db).find(accounts, { _id: { $in: wallets } })
    expect(stored.reduce((sum, { postedMinor }) => sum + postedMinor, 0n)).toBe(100n * BigInt(WALLETS))
    for (const { postedMinor } of stored) expect(postedMinor).toBeGreaterThanOrEqual(0n)
    for (const { debitsMinor, creditsMinor } of await trialBalance(readsOn(db))) expect(debitsMinor).toBe(creditsMinor)
    const posted = await readsOn(db).count(entries, {})
    expect(await announced(db, ledgerEntryPosted)).toHaveLength(posted)
    const chain = await readsOn(db).find(blocks, {}, { sort: { _id: 1 } })
    expect(chain.map(({ height }) => height)).toEqual(chain.map((_, index) => index + 1))
    expect(chain.reduce((sum, { entryCount }) => sum + entryCount, 0)).toBe(posted)
  },
)

test('whatever crashes between any two steps of the relay, every event is published, and none is forgotten', async () => {
  const virtualHost = await freshVirtualHost(testServers())
  const log = createLog('test', 'silent')
  const watching = await connect(virtualHost.url)
  const channel = await watching.createChannel()
  const { queue } = await channel.assertQueue('', { exclusive: true })
  await channel.bindQueue(queue, 'ch.events', '#')
  const seen = new Set<string>()
  await channel.consume(queue, (message) => void seen.add(String(message?.properties.messageId)), { noAck: true })

  watchFaultPoints((name) => {
    if (crashedAt.has(name)) return
    crashedAt.add(name)
    throw new Crash(name)
  })
  const broker = await connectBroker({ url: virtualHost.url, service: 'test', log })
  const relay = startRelay({ db, broker, log })
  ends.push(
    () => virtualHost.remove(),
    () => watching.close(),
    () => broker.close(),
    () => relay.stop(),
  )
  const ids = (await readsOn(db).find(outbox, {})).flatMap(({ events }) => events.map(({ id }) => id))
  await eventually(async () => {
    expect(await readsOn(db).count(outbox, { publishedAt: null })).toBe(0)
    expect(ids.filter((id) => !seen.has(id))).toEqual([])
  }, 20_000)
  expect(ids.length).toBeGreaterThan(0)
})

test('the seeds have crashed between every two steps', () => {
  const steps = ['accounts-saved', 'block-inserted', 'companions-written', 'before-commit', 'committed']
  expect([...crashedAt]).toEqual(
    expect.arrayContaining([
      ...steps.map((step) => `ledger:${step}`),
      'relay:read',
      'relay:published',
      'relay:marking',
    ]),
  )
})
