import { createHash } from 'node:crypto'
import { canonicalJson } from '@countinghouse/shared/canonicalJson'
import type { Read } from '@countinghouse/shared/contracts/audit'
import { Feed } from '@countinghouse/shared/http/page'
import { inTransaction, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { BEFORE_THE_FIRST, chain, findBreak, findLooseEnd, toFact, toReadFact, type Announced, type Break, type Entry, type Fact, type Seal } from './domain.js' // prettier-ignore
import { withoutSecrets } from './masking.js'
import { append, findAtHeight, findBefore, findEntry, findHead, listEntries, readChain, type Search } from './store.js' // prettier-ignore

const seal: Seal = (content) => createHash('sha256').update(canonicalJson(content)).digest('hex')

/** Records an event at the end of the chain; one that is recorded already stays as it is. */
export const record = (tx: Tx, event: Omit<Announced, 'data'> & { data?: unknown }): Promise<void> =>
  add(tx, toFact({ ...event, data: withoutSecrets(event.data) }))

/** Records each of the reads that were announced together. */
export const recordReads = async (tx: Tx, { reads }: { reads: readonly Read[] }, id: string): Promise<void> => {
  for (const [index, { query, purpose, ...read }] of reads.entries()) {
    const asked = withoutSecrets({ query, purpose }) as Pick<Read, 'query' | 'purpose'>
    await add(tx, toReadFact({ ...read, ...asked }, `${id}.${index.toString()}`))
  }
}

const add = async (tx: Tx, fact: Fact): Promise<void> =>
  append(tx, chain(fact, await findHead(tx), canonicalJson, seal))

export const searchEntries = async (reads: Reads, search: Search, size: number): Promise<Feed<Entry>> =>
  Feed.of(
    await listEntries(reads, search, size + 1),
    size,
    ({ at, height }) => `${at.getTime().toString()}.${height.toString()}`,
  )

/** An entry, and what was recorded of the same thing before it. */
export const getEntry = async (reads: Reads, id: string): Promise<{ entry: Entry; before: Entry | undefined }> => {
  const entry = await findEntry(reads, id)
  if (!entry) throw refuse('audit_entry_not_found', { id })
  return { entry, before: await findBefore(reads, entry) }
}

export type Verdict = { checked: number; height: number; firstBreak: Break | undefined; next: number | undefined }

/** Computes a stretch of the chain anew; `next` is where the stretch after it begins. */
export const verifyChain = (db: Connection, after: number, limit: number): Promise<Verdict> =>
  // In one snapshot, in which the entries end where the head says.
  inTransaction(db, async (tx) => {
    const head = await findHead(tx)
    const start = after === 0 ? BEFORE_THE_FIRST : await findAtHeight(tx, after)
    const height = head.height
    if (!start)
      return { checked: 0, height, firstBreak: { height: after, id: null, problem: 'missing' }, next: undefined }
    const entries = await readChain(tx, after, limit)
    const end = entries.at(-1) ?? start
    const isEnd = entries.length < limit
    const firstBreak = findBreak(entries, start, seal) ?? (isEnd ? findLooseEnd(end, head) : undefined)
    return { checked: entries.length, height, firstBreak, next: isEnd || firstBreak ? undefined : end.height }
  })
