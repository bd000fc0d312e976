import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createCalendar } from '@countinghouse/shared/calendar'
import { createLog } from '@countinghouse/shared/log'
import { catchUp } from '@countinghouse/shared/mongo/nightly'
import { inTransaction, native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { blockId, type Block, type ChainedEntry } from '../ledger/block.js'
import { houseAccountId } from '../ledger/chart.js'
import { checkpoints, type Checkpoint } from '../ledger/checkpoints.js'
import { credit, debit, type EntryDraft } from '../ledger/domain.js'
import { createLedger, type Ledger } from '../ledger/ledger.js'
import { accounts, blocks, entries, insertWallet } from '../ledger/store.js'
import { verify, type Since } from './commands.js'
import { nightlyVerification } from './nightly.js'
import { findLastVerification, verifications } from './store.js'

let db: Connection
let close: () => Promise<void>
let ledger: Ledger
let wallet: string
beforeAll(async () => {
  ;({ db, close } = await freshDatabase(accounts, blocks, entries, checkpoints, verifications))
})
afterAll(() => close())

const now = () => new Date()
const bank = houseAccountId('bank', 'USD')
const draft = (amountMinor: bigint, more: Partial<EntryDraft> = {}): EntryDraft => {
  const entryId = uuidv7()
  const fields = { kind: 'test', reference: { kind: 'test', id: entryId }, actor: 'user:test', description: 'rent' }
  return {
    entryId,
    key: entryId,
    ...fields,
    postings: [debit(bank, amountMinor), credit(wallet, amountMinor)],
    ...more,
  }
}
const payIn = (amountMinor: bigint) => ledger.submit({ drafts: [draft(amountMinor)] })

beforeEach(async () => {
  for (const collection of [accounts, blocks, entries, checkpoints, verifications])
    await native<{ _id: string }>(db, collection).deleteMany({})
  ledger = createLedger({ db, now })
  wallet = uuidv7()
  await inTransaction(db, (tx) => insertWallet(tx, { id: wallet, ownerId: 'ann', currency: 'USD' }, now()))
  for (const amountMinor of [100n, 200n, 300n]) await payIn(amountMinor)
  const reservations = [{ accountId: wallet, direction: 'out', amountMinor: 50n }] as const
  await ledger.submit({ drafts: [draft(400n), draft(0n, { postings: [], reservations })] })
})

const verified = async (since: Since = 'beginning') => {
  const run = verify({ db, now }, since)
  let step = await run.next()
  while (!step.done) step = await run.next()
  return step.value
}
const found = async () => (await verified()).problems.map(({ code, height }) => [code, height])

// Past every validator, as somebody with the database's own tools would.
const past = { bypassDocumentValidation: true }
const entryAt = async (height: number): Promise<ChainedEntry> => {
  const [entry] = await readsOn(db).find(entries, { height, index: 0 })
  if (!entry) throw new Error('no entry')
  return entry
}
const edit = async (height: number, $set: object) =>
  native(db, entries).updateOne({ _id: (await entryAt(height))._id }, { $set }, past)

test('books that nobody has touched are in order, and the proof is kept as a checkpoint', async () => {
  const { ok, blocks: height, entries: count, head } = await verified()
  expect({ ok, height, count }).toEqual({ ok: true, height: 4, count: 5 })
  expect(await readsOn(db).findOne(blocks, { _id: blockId(4) })).toMatchObject({ hash: head })
  expect(await readsOn(db).find(checkpoints, {})).toMatchObject([
    {
      height: 4,
      lines: [
        { account: bank, debitMinor: 1000n },
        { account: 'wallets', debitMinor: -1000n },
      ],
    },
  ])
})

test('empty books are in order', async () => {
  for (const collection of [accounts, blocks, entries]) await native<{ _id: string }>(db, collection).deleteMany({})
  expect(await verified()).toMatchObject({ ok: true, blocks: 0, entries: 0 })
})

test('an edited amount is found, and the entry named', async () => {
  const { _id } = await entryAt(2)
  await edit(2, { 'postings.0.amountMinor': 201n, 'postings.1.amountMinor': 201n })
  const { ok, problems } = await verified()
  expect(ok).toBe(false)
  expect(problems).toContainEqual(expect.objectContaining({ code: 'balance_after_wrong', entryId: _id, height: 2 }))
  expect(problems).toContainEqual(expect.objectContaining({ code: 'entries_changed', entryId: _id, height: 2 }))
})

test('an entry made one-sided is found out of balance', async () => {
  const { _id } = await entryAt(2)
  await edit(2, { 'postings.0.amountMinor': 201n })
  expect((await verified()).problems).toContainEqual(
    expect.objectContaining({ code: 'entry_unbalanced', entryId: _id }),
  )
  expect(await findLastVerification(readsOn(db))).toMatchObject({ imbalances: [{ currency: 'USD', amountMinor: 1n }] })
})

test.each<[string, object]>([
  ['description', { description: 'rend' }],
  ['time', { postedAt: new Date(0) }],
  ['actor', { actor: 'user:tesu' }],
  ['amount’s type', { 'postings.0.amountMinor': 200 }],
  ['set of fields', { note: 'x' }],
])('an edited %s is found', async (_what, change) => {
  await edit(2, change)
  expect(await found()).toContainEqual(['entries_changed', 2])
})

test('an edited balance_after is found', async () => {
  await edit(2, { 'postings.1.balanceAfterMinor': 301n })
  expect(await found()).toEqual(
    expect.arrayContaining([
      ['balance_after_wrong', 2],
      ['entries_changed', 2],
    ]),
  )
})

test.each([1, 2, 4])('an entry deleted from block %d is found', async (height) => {
  await native(db, entries).deleteOne({ _id: (await entryAt(height))._id })
  expect(await found()).toContainEqual(['entries_missing', height])
})

test('an entry added to the journal is found', async () => {
  const entry = await entryAt(2)
  await native(db, entries).insertOne({ ...entry, _id: 'added', key: 'added', index: 1 }, past)
  expect(await found()).toContainEqual(['entries_missing', 2])
})

test.each([0, -1, 1.5, 99])('an entry moved to height %d is found', async (height) => {
  await edit(2, { height })
  expect((await found()).map(([code]) => code)).toEqual(
    expect.arrayContaining(['entry_without_block', 'entries_missing']),
  )
})

test('a block deleted from the middle is found', async () => {
  await native(db, blocks).deleteOne({ _id: blockId(2) })
  expect(await found()).toContainEqual(['block_missing', 2])
})

test('the last block deleted is found by its entries, and with them by the balances', async () => {
  await native(db, blocks).deleteOne({ _id: blockId(4) })
  expect(await found()).toContainEqual(['entry_without_block', 4])
  await native(db, entries).deleteMany({ height: 4 })
  const { problems } = await verified()
  expect(new Set(problems.map(({ code, accountId }) => `${code} ${accountId ?? ''}`))).toEqual(
    new Set([`account_differs ${wallet}`, `account_differs ${bank}`]),
  )
})

test('a chain that was cut off, balances and all, is found by what was verified before', async () => {
  expect((await verified()).ok).toBe(true)
  await native(db, blocks).deleteOne({ _id: blockId(4) })
  await native(db, entries).deleteMany({ height: 4 })
  const $set = { postedMinor: 600n, pendingOutMinor: 0n }
  await native(db, accounts).updateMany({ _id: { $in: [wallet, bank] } }, { $set }, past)
  expect(await found()).toEqual([['chain_rebuilt', 4]])
})

test('two blocks that changed places are found', async () => {
  const swap = async (from: number, to: number) => {
    const block = await readsOn(db).findOne(blocks, { _id: blockId(from) })
    if (!block) throw new Error('no block')
    return { ...block, _id: blockId(to), height: to } satisfies Block
  }
  const [second, third] = [await swap(3, 2), await swap(2, 3)]
  for (const block of [second, third]) await native(db, blocks).replaceOne({ _id: block._id }, block)
  const problems = await found()
  expect(problems).toContainEqual(['entries_changed', 2])
  expect(problems).toContainEqual(['entries_changed', 3])
})

test('a forged block with a hash of its own breaks the chain at the next', async () => {
  await native(db, blocks).updateOne({ _id: blockId(2) }, { $set: { hash: 'f'.repeat(64) } })
  expect(await found()).toEqual([
    ['block_changed', 2],
    ['chain_broken', 3],
  ])
})

test.each(['postedMinor', 'pendingInMinor', 'pendingOutMinor'])('an account’s changed %s is found', async (field) => {
  await native(db, accounts).updateOne({ _id: wallet }, { $inc: { [field]: 1n } }, past)
  expect((await verified()).problems).toMatchObject([{ code: 'account_differs', accountId: wallet }])
})

test('a deleted account is found', async () => {
  await native(db, accounts).deleteOne({ _id: wallet })
  expect((await verified()).problems).toMatchObject([{ code: 'account_missing', accountId: wallet }])
})

test('no more than a hundred problems are listed, and all are counted', async () => {
  await Promise.all(Array.from({ length: 200 }, () => payIn(1n)))
  await native(db, entries).updateMany({}, { $set: { description: 'x', 'postings.1.balanceAfterMinor': 7n } }, past)
  const { problems, problemCount } = await verified()
  expect(problems).toHaveLength(100)
  expect(problemCount).toBeGreaterThan(100)
})

test('books that grow while they are verified are in order', async () => {
  let busy = true
  const writing = (async () => {
    while (busy) await Promise.all(Array.from({ length: 10 }, () => payIn(1n)))
  })()
  for (let round = 0; round < 5; round++) expect((await verified()).problems).toEqual([])
  busy = false
  await writing
})

test('what came since a verification that found all in order is verified alone, and adds up to the same checkpoint', async () => {
  await verified()
  const other = uuidv7()
  await inTransaction(db, (tx) => insertWallet(tx, { id: other, ownerId: 'ben', currency: 'USD' }, now()))
  await ledger.submit({ drafts: [draft(0n, { postings: [debit(wallet, 30n), credit(other, 30n)] })] })
  await payIn(7n)
  expect(await verified('last')).toMatchObject({ ok: true, since: 4, blocks: 6, entries: 7 })
  const [, afterwards] = await readsOn(db).find(checkpoints, {}, { sort: { _id: 1 } })
  expect(await verified('last')).toMatchObject({ ok: true, since: 6, blocks: 6, entries: 7 })
  await native<{ _id: string }>(db, checkpoints).deleteMany({})
  expect(await verified()).toMatchObject({ ok: true, since: 0, blocks: 6, entries: 7 })
  const byAccount = (one?: Checkpoint) => new Map(one?.lines.map(({ account, debitMinor }) => [account, debitMinor]))
  expect(byAccount(afterwards)).toEqual(new Map([[bank, 1007n], ['wallets', -1007n]])) // prettier-ignore
  expect(byAccount((await readsOn(db).find(checkpoints, {}))[0])).toEqual(byAccount(afterwards))
})

test('such a verification finds what was changed since, in the journal or in an account, and forgets nothing it found', async () => {
  await verified()
  await payIn(7n)
  await edit(5, { 'postings.0.amountMinor': 8n })
  const problems = (await verified('last')).problems.map(({ code, height }) => [code, height])
  expect(problems).toContainEqual(['entries_changed', 5])
  expect(problems).toContainEqual(['balance_after_wrong', 5])
  await payIn(1n)
  expect(await verified('last')).toMatchObject({ ok: false, since: 0 })
  await edit(5, { 'postings.0.amountMinor': 7n })
  expect(await verified('last')).toMatchObject({ ok: true, since: 0 })
  await payIn(1n)
  await native(db, accounts).updateOne({ _id: wallet }, { $inc: { postedMinor: 1n } }, past)
  expect((await verified('last')).problems).toMatchObject([{ code: 'account_differs', accountId: wallet }])
})

test('the nightly verification runs on one replica, once a night', async () => {
  let rest = 0
  const andThen = async () => void rest++
  const calendar = createCalendar({ zone: 'Asia/Kolkata' })
  const options = { db, now, calendar, log: createLog('test', 'silent'), andThen }
  const look = (more = {}) => catchUp(nightlyVerification({ ...options, ...more }), new AbortController().signal)
  const ran = await Promise.all([look(), look()])
  expect(ran.flat()).toHaveLength(1)
  expect(await look()).toEqual([])
  expect(await findLastVerification(readsOn(db))).toMatchObject({ ok: true })
  expect(await look({ now: () => new Date(Date.now() + 24 * 3600 * 1000) })).toHaveLength(1)
  expect(rest).toBe(2)
})
