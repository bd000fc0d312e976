import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { blockId } from '../ledger/block.js'
import { checkpoints, saveCheckpoint } from '../ledger/checkpoints.js'
import type { Account } from '../ledger/domain.js'
import { headHeight, inSnapshot, type Snapshot } from '../ledger/snapshot.js'
import { accounts, blocks, entries } from '../ledger/store.js'
import { compareAccount, toLines, type Problem } from './domain.js'
import { findLastGood, findLastVerification, publish, saveVerification, type Verification } from './store.js'
import { note, startWalk, walkTo, withoutBlock, type Walk } from './walk.js'

export type Deps = { db: Connection; now: () => Date }
export type Progress = { checkedBlocks: number; checkedEntries: number; of: number }
export type Result = Verification & { problems: readonly Problem[] }

const TELL_EVERY_MS = 250

/** From the first block on, or only what came since the last verification, if that found all in order. */
export type Since = 'beginning' | 'last'

/**
 * Proves the books: every hash, every balance, nothing missing and nothing added. Commits go on meanwhile, so it walks
 * to the head as it finds it, and does the rest and the accounts in one snapshot.
 */
export async function* verify({ db, now }: Deps, since: Since = 'beginning'): AsyncGenerator<Progress, Result> {
  const startedAt = now()
  const walk = since === 'last' ? await goOn(db) : startWalk()
  const head = await headHeight(db)
  yield progressOf(walk, head)
  let toldAt = performance.now()
  for await (const _ of walkTo(db, walk, head)) {
    if (performance.now() - toldAt < TELL_EVERY_MS) continue
    yield progressOf(walk, head)
    toldAt = performance.now()
  }
  await compareWithLastGood(db, walk)
  await inSnapshot(db, (snapshot) => finish(db, walk, snapshot))
  yield progressOf(walk, walk.height)
  const result = { ...toVerification(walk, { startedAt, finishedAt: now() }), problems: walk.problems }
  await record(db, walk, result)
  return result
}

// After a verification that found something, everything is looked at again: a problem is not forgotten overnight.
const goOn = async (db: Connection): Promise<Walk> => {
  const last = await findLastVerification(readsOn(db))
  return startWalk(last?.ok ? { height: last.blocks, hash: last.head, entries: last.entries } : undefined)
}

// A chain that was cut off or rebuilt may be consistent in itself; it is not the one that was verified before.
const compareWithLastGood = async (db: Connection, walk: Walk): Promise<void> => {
  const last = await findLastGood(readsOn(db))
  if (!last) return
  const block = await readsOn(db).findOne(blocks, { _id: blockId(last.blocks) })
  if (block?.hash === last.head) return
  const seen = last.finishedAt.toISOString()
  const message = `Block ${last.blocks} is not the one that was verified at ${seen}: the chain was cut off or rebuilt`
  note(walk, [{ code: 'chain_rebuilt', message, height: last.blocks }])
}

/** What came after the head that was noted, and then the accounts as they were at that very moment. */
const finish = async (db: Connection, walk: Walk, snapshot: Snapshot): Promise<void> => {
  const head = await headHeight(db, snapshot)
  for await (const _ of walkTo(db, walk, head, snapshot));
  const beyond = await native(db, entries)
    .find({ height: { $gt: head } }, snapshot)
    .limit(1000)
    .toArray()
  note(walk, beyond.map(withoutBlock))
  const missing = new Set(walk.tally.accounts.keys())
  for await (const account of accountsOf(db, walk, snapshot)) {
    missing.delete(account._id)
    note(walk, compareAccount(walk.tally, account, walk.since === 0))
  }
  for (const accountId of missing)
    note(walk, [{ code: 'account_missing', message: `Account ${accountId} has entries but is not there`, accountId }])
}

const ACCOUNTS_AT_ONCE = 1_000

/** All accounts, or those that the walk has met. */
async function* accountsOf(db: Connection, { since, tally }: Walk, snapshot: Snapshot): AsyncGenerator<Account> {
  const scope = { ...snapshot, batchSize: ACCOUNTS_AT_ONCE }
  if (since === 0) return yield* native(db, accounts).find({}, scope)
  const met = [...tally.accounts.keys()]
  for (let from = 0; from < met.length; from += ACCOUNTS_AT_ONCE)
    yield* native(db, accounts).find({ _id: { $in: met.slice(from, from + ACCOUNTS_AT_ONCE) } }, scope)
}

const record = async (db: Connection, walk: Walk, { problems: _problems, ...verification }: Result): Promise<void> => {
  await saveVerification(db, verification)
  publish(verification, verification.finishedAt)
  const { height, since, tally, opened } = walk
  const before = since === 0 ? { lines: [] } : await readsOn(db).findOne(checkpoints, { _id: blockId(since) })
  if (!verification.ok || height === 0 || !before) return
  const lines = toLines(tally, opened, before.lines)
  await saveCheckpoint(db, { _id: blockId(height), height, lines, takenAt: verification.finishedAt })
}

const progressOf = (walk: Walk, of: number): Progress => ({
  checkedBlocks: walk.height,
  checkedEntries: walk.entries,
  of,
})

const toVerification = (
  walk: Walk,
  { startedAt, finishedAt }: { startedAt: Date; finishedAt: Date },
): Verification => ({
  _id: `${finishedAt.toISOString()} ${blockId(walk.height)}`,
  ok: walk.problemCount === 0,
  since: walk.since,
  problemCount: walk.problemCount,
  blocks: walk.height,
  entries: walk.entries,
  head: walk.hash,
  imbalances: [...walk.tally.imbalanceMinor].map(([currency, amountMinor]) => ({ currency, amountMinor })),
  startedAt,
  finishedAt,
})
