import { canonicalJson } from '@countinghouse/shared/canonicalJson'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { GENESIS, type Block, type ChainedEntry } from '../ledger/block.js'
import { peekable, takeWhile } from '../ledger/rows.js'
import { blocks, entries, findHead } from '../ledger/store.js'

const BATCH = 500

/** The whole journal as lines of JSON: what it is and where it ends, and then every block with its entries as they were hashed. */
export async function* bookLines(db: Connection): AsyncGenerator<string> {
  const { height, hash } = (await findHead(readsOn(db))) ?? GENESIS
  yield line({ format: 'countinghouse-ledger', version: 1, head: { height, hash } })
  const blockRows = native(db, blocks).find({ height: { $lte: height } }, { batchSize: BATCH })
  const entryRows = native(db, entries).find({ height: { $lte: height } }, { batchSize: BATCH })
  const journal = peekable(entryRows.sort({ height: 1, index: 1 }))
  for await (const block of blockRows.sort({ _id: 1 }))
    yield line(toBlockLine(block, await takeWhile(journal, (entry) => entry.height <= block.height)))
  await journal.close()
}

const toBlockLine = ({ _id, committedAt, ...block }: Block, held: readonly ChainedEntry[]) => ({
  ...block,
  committedAt: committedAt.toISOString(),
  entries: held.map(canonicalJson),
})

const line = (value: object): string => `${JSON.stringify(value)}\n`
