import { canonicalJson } from '@countinghouse/shared/canonicalJson'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { GENESIS, blockId, blockOf, type Block, type ChainedEntry } from '../ledger/block.js'
import type { Snapshot } from '../ledger/snapshot.js'
import { peekable, takeWhile } from '../ledger/rows.js'
import { blocks, entries } from '../ledger/store.js'
import { emptyTally, tallyEntry, type Derived, type Problem, type Tally } from './domain.js'
import { lastPosting } from './store.js'

const BATCH = 250
const PROBLEMS_MAX = 100

/** How far a verification has come, and what it has found. */
export type Walk = {
  /** The last block that was checked, and the hash that the next one must refer to. */
  height: number
  hash: string
  entries: number
  /** The block after which it began; the accounts' balances there are taken from their last postings up to it. */
  readonly since: number
  readonly tally: Tally
  readonly opened: Map<string, Derived>
  readonly problems: Problem[]
  problemCount: number
}

type Beginning = Pick<Walk, 'height' | 'hash' | 'entries'>

export const startWalk = (after: Beginning = { ...GENESIS, entries: 0 }): Walk => ({
  ...after,
  since: after.height,
  opened: new Map(),
  tally: emptyTally(),
  problems: [],
  problemCount: 0,
})

export const note = (walk: Walk, found: readonly Problem[]): void => {
  walk.problemCount += found.length
  walk.problems.push(...found.slice(0, Math.max(0, PROBLEMS_MAX - walk.problems.length)))
}

/** Checks block after block, and all that belongs to it, up to a height; yields after each. */
export async function* walkTo(db: Connection, walk: Walk, head: number, snapshot: Snapshot = {}): AsyncGenerator<void> {
  const scope = { ...snapshot, batchSize: BATCH }
  const from = walk.height
  // What has a height that no block can have comes before the first block, and so is found.
  const filter = { height: from === 0 ? { $not: { $gt: head } } : { $gt: from, $lte: head } }
  const order = { height: 1, index: 1 } as const
  const blockRows = peekable(
    native(db, blocks)
      .find({ _id: { $gt: blockId(from) } }, scope)
      .sort({ _id: 1 }),
  )
  const entryRows = peekable(native(db, entries).find(filter, scope).sort(order))
  for (let height = from + 1; height <= head; height++) {
    const stray = await takeWhile(entryRows, (entry) => !(entry.height >= height))
    note(walk, stray.map(withoutBlock))
    const held = await takeWhile(entryRows, (entry) => entry.height === height)
    const strange = await takeWhile(blockRows, ({ _id }) => _id < blockId(height))
    note(walk, strange.map(unexpected))
    if (walk.since > 0) await openAccounts(db, walk, held)
    const [block] = await takeWhile(blockRows, ({ _id }) => _id === blockId(height))
    checkBlock(walk, height, block, held)
    yield
  }
  note(walk, (await takeWhile(entryRows, () => true)).map(withoutBlock))
  await blockRows.close()
  await entryRows.close()
}

/** Brings in the balances of accounts that are met for the first time, as the verified part of the journal left them. */
const openAccounts = async (db: Connection, walk: Walk, held: readonly ChainedEntry[]): Promise<void> => {
  const met = new Set(held.flatMap(({ postings }) => postings.map(({ accountId }) => accountId)))
  for (const accountId of met) {
    if (walk.tally.accounts.has(accountId)) continue
    const posting = await lastPosting(readsOn(db), accountId, walk.since)
    const balance = { currency: posting?.currency ?? '', postedMinor: posting?.balanceAfterMinor ?? 0n }
    walk.opened.set(accountId, { ...balance, pendingInMinor: 0n, pendingOutMinor: 0n })
    walk.tally.accounts.set(accountId, { ...balance, pendingInMinor: 0n, pendingOutMinor: 0n })
  }
}

const checkBlock = (walk: Walk, height: number, block: Block | undefined, held: readonly ChainedEntry[]): void => {
  for (const entry of held) note(walk, tallied(walk.tally, entry))
  walk.entries += held.length
  walk.height = height
  if (!block) {
    const message = `Block ${height} is missing, with ${held.length} entries that belong to it`
    note(walk, [{ code: 'block_missing', message, height }])
    return
  }
  note(walk, chainProblems(walk.hash, block, blockOf(walk.hash, held, height, block.committedAt), held))
  walk.hash = block.hash
}

// What was edited past the validators may lack any field, or have it in any type.
const tallied = (tally: Tally, entry: ChainedEntry): Problem[] => {
  try {
    return tallyEntry(tally, entry)
  } catch (error) {
    const message = `Entry ${entry._id} cannot be read: ${String(error)}`
    return [{ code: 'entry_malformed', message, height: entry.height, entryId: entry._id }]
  }
}

const chainProblems = (
  previousHash: string,
  block: Block,
  expected: Block,
  held: readonly ChainedEntry[],
): Problem[] => {
  const { height } = expected
  const ids = held.slice(0, 5).map(({ _id }) => _id)
  const only = held.length === 1 && ids[0] !== undefined ? { entryId: ids[0] } : {}
  if (block.entryCount !== held.length) {
    const message = `Block ${height} was sealed with ${block.entryCount} entries and has ${held.length}`
    return [{ code: 'entries_missing', message, height }]
  }
  if (block.root !== expected.root) {
    const message = `The entries of block ${height} are not as they were sealed: ${ids.join(', ')}`
    return [{ code: 'entries_changed', message, height, ...only }]
  }
  if (block.previousHash !== previousHash)
    return [{ code: 'chain_broken', message: `Block ${height} does not follow the block before it`, height }]
  if (canonicalJson(block) !== canonicalJson(expected))
    return [{ code: 'block_changed', message: `Block ${height} is not what its hash was made of`, height }]
  return []
}

export const withoutBlock = ({ _id, height }: ChainedEntry): Problem => ({
  code: 'entry_without_block',
  message: `Entry ${_id} belongs to no block`,
  entryId: _id,
  ...(typeof height === 'number' && { height }),
})

const unexpected = ({ _id }: Block): Problem => ({
  code: 'block_unexpected',
  message: `There is a block ${_id} where none can be`,
})
