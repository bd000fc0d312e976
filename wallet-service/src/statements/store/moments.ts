import type { Reads } from '@countinghouse/shared/mongo/transaction'
import type { mongo } from 'mongoose'
import { blockId, type ChainedEntry } from '../../ledger/block.js'
import { blocks, entries, findHead } from '../../ledger/store.js'

// A group is decided just before its block is dated, and the clocks of two processes may differ.
const CLOCKS_APART_MS = 60_000

/** The heights between which the journal passes a moment: all at or below the first came before, all above the second after. */
export const heightsAround = async (reads: Reads, moment: Date): Promise<{ surely: number; atMost: number }> => {
  const head = (await findHead(reads))?.height ?? 0
  const shifted = (byMs: number) => lastHeightBy(reads, new Date(moment.getTime() + byMs), head)
  return { surely: await shifted(-CLOCKS_APART_MS), atMost: await shifted(CLOCKS_APART_MS) }
}

/** The last block committed by a moment, found by halving: twenty looks at a million blocks, and no index of times. */
const lastHeightBy = async (reads: Reads, moment: Date, head: number): Promise<number> => {
  let [low, high] = [0, head]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const block = await reads.findOne(blocks, { _id: blockId(middle) })
    if (block && block.committedAt <= moment) low = middle
    else high = middle - 1
  }
  return low
}

/** The last entry on an account that was posted before a moment, in the order of the journal. */
export const lastEntryBefore = async (
  reads: Reads,
  accountId: string,
  moment: Date,
): Promise<ChainedEntry | undefined> => {
  const { atMost } = await heightsAround(reads, moment)
  const filter = { 'postings.accountId': accountId, height: { $lte: atMost }, postedAt: { $lt: moment } }
  return (await reads.find(entries, filter, { sort: { height: -1, index: -1 }, limit: 1 }))[0]
}

/** Bounds on the height for what was posted from one moment to before another. */
export const heightsBetween = async (
  reads: Reads,
  { from, before }: { from?: Date; before?: Date },
): Promise<mongo.Document> => {
  if (!from && !before) return {}
  return {
    height: {
      ...(from && { $gt: (await heightsAround(reads, from)).surely }),
      ...(before && { $lte: (await heightsAround(reads, before)).atMost }),
    },
  }
}
