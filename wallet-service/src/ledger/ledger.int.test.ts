import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { nextTraceparent, runInContext } from '@countinghouse/shared/context'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { announced } from '@countinghouse/shared/testing/events'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { houseAccountId } from './chart.js'
import { credit, debit, type EntryDraft } from './domain.js'
import { createLedger, type Ledger } from './ledger.js'
import { trialBalance } from '../testing/trialBalance.js'
import { accounts, blocks, entries, insertWallet } from './store.js'

let db: Connection
let close: () => Promise<void>
let one: Ledger
let other: Ledger
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(accounts, blocks, entries))
  one = createLedger({ db, now: () => new Date() })
  other = createLedger({ db, now: () => new Date() })
})
afterAll(() => close())

const bank = houseAccountId('bank', 'USD')
const openWallet = async (fundedMinor: bigint): Promise<string> => {
  const id = uuidv7()
  await inTransaction(db, (tx) => insertWallet(tx, { id, ownerId: id, currency: 'USD' }, new Date()))
  if (fundedMinor > 0n) await one.submit({ drafts: [entry(debit(bank, fundedMinor), credit(id, fundedMinor))] })
  return id
}
const entry = (...postings: EntryDraft['postings']): EntryDraft => {
  const entryId = uuidv7()
  return { entryId, key: entryId, kind: 'test', reference: { kind: 'test', id: entryId }, postings, actor: 'user:test' }
}
const pay = (ledger: Ledger, from: string, to: string, amountMinor: bigint) =>
  ledger.submit({ drafts: [entry(debit(from, amountMinor), credit(to, amountMinor))] })
const balanceOf = async (id: string) => (await readsOn(db).findOne(accounts, { _id: id }))?.postedMinor
const settled = async (work: Promise<unknown>[]) => {
  const results = await Promise.allSettled(work)
  return {
    done: results.filter(({ status }) => status === 'fulfilled').length,
    codes: new Set(
      results.flatMap((result) =>
        result.status === 'rejected' ? [(result.reason as { code?: string }).code ?? String(result.reason)] : [],
      ),
    ),
  }
}

test('two processes on one hot account: it pays out what it holds, to the cent, and neither loses an entry', async () => {
  const [hot, target] = [await openWallet(100n), await openWallet(0n)]
  const work = Array.from({ length: 160 }, (_, index) => pay(index % 2 ? one : other, hot, target, 1n))
  const { done, codes } = await settled(work)
  expect(done).toBe(100)
  expect([...codes]).toEqual(['insufficient_funds'])
  expect([await balanceOf(hot), await balanceOf(target)]).toEqual([0n, 100n])
  expect(await readsOn(db).count(entries, { 'postings.accountId': target })).toBe(100)
})

test('money that another process paid in can be spent at once', async () => {
  const [rich, poor, shop] = [await openWallet(50n), await openWallet(0n), await openWallet(0n)]
  await expect(pay(one, poor, shop, 50n)).rejects.toMatchObject({ code: 'insufficient_funds' })
  await pay(other, rich, poor, 50n)
  await pay(one, poor, shop, 50n)
  expect(await balanceOf(shop)).toBe(50n)
})

test('a thousand payments at once between twenty wallets keep the sum, and the books balance', async () => {
  const wallets = await Promise.all(Array.from({ length: 20 }, () => openWallet(1000n)))
  const pick = (index: number) => wallets[index % wallets.length] ?? ''
  const work = Array.from({ length: 1000 }, (_, index) => pay(one, pick(index), pick(index * 7 + 3), 5n))
  const { done } = await settled(work)
  expect(done).toBeGreaterThan(900)
  const balances = await Promise.all(wallets.map(balanceOf))
  expect(balances.reduce<bigint>((sum, balance) => sum + (balance ?? 0n), 0n)).toBe(20_000n)
  for (const { debitsMinor, creditsMinor } of await trialBalance(readsOn(db))) expect(debitsMinor).toBe(creditsMinor)
})

test('entries that share a commit are announced each in the name of who asked for it', async () => {
  const [wallet, shop] = [await openWallet(10n), await openWallet(0n)]
  const actors = ['user:ann', undefined, 'user:bob', 'user:cid']
  const contextOf = (actor: string) => ({
    requestId: actor,
    traceparent: nextTraceparent(),
    actor,
    correlationId: actor,
  })
  const paid = await Promise.all(
    actors.map((actor) =>
      runInContext(actor === undefined ? actor : contextOf(actor), () => pay(one, wallet, shop, 1n)),
    ),
  )
  const events = new Map((await announced(db, ledgerEntryPosted)).map((event) => [event.subject, event.actor]))
  const named = paid.map(({ entries: [posted] }) => events.get(posted?._id ?? ''))
  expect(named).toEqual(['user:ann', 'service:wallet-service', 'user:bob', 'user:cid'])
})
