import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { saveCheckpoint } from '../ledger/checkpoints.js'
import { blockId } from '../ledger/block.js'
import { headHeight, inSnapshot, type Snapshot } from '../ledger/snapshot.js'
import { accounts, blocks, entries } from '../ledger/store.js'
import { compareAccount, toLines, type Problem } from './domain.js'
import { findLastGood, publish, saveVerification, type Verification } from './store.js'
import { note, startWalk, walkTo, withoutBlock, type Walk } from './walk.js'

export type Deps = { db: Connection; now: () => Date }
export type Progress = { checkedBlocks: number; checkedEntries: number; of: number }
export type Result = Verification & { problems: readonly Problem[] }

const TELL_EVERY_MS = 250

/**
 * Proves the books from the first block on: every hash, every balance, nothing missing and nothing added. Commits go on
 * meanwhile, so it walks to the head as it finds it, and does the rest and the accounts in one snapshot.
 */
export async function* verify({ db, now }: Deps): AsyncGenerator<Progress, Result> {
  const startedAt = now()
  const walk = startWalk()
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
  for await (const account of native(db, accounts).find({}, { ...snapshot, batchSize: 1000 })) {
    missing.delete(account._id)
    note(walk, compareAccount(walk.tally, account))
  }
  for (const accountId of missing)
    note(walk, [{ code: 'account_missing', message: `Account ${accountId} has entries but is not there`, accountId }])
}

const record = async (db: Connection, walk: Walk, { problems: _problems, ...verification }: Result): Promise<void> => {
  await saveVerification(db, verification)
  publish(verification, verification.finishedAt)
  const { height, tally } = walk
  if (!verification.ok || height === 0) return
  await saveCheckpoint(db, {
    _id: blockId(height),
    height,
    lines: toLines(tally),
    takenAt: verification.finishedAt,
  })
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
  problemCount: walk.problemCount,
  blocks: walk.height,
  entries: walk.entries,
  head: walk.hash,
  imbalances: [...walk.tally.imbalanceMinor].map(([currency, amountMinor]) => ({ currency, amountMinor })),
  startedAt,
  finishedAt,
})
