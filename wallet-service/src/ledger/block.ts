import { createHash } from 'node:crypto'
import { canonicalJson } from '@countinghouse/shared/canonicalJson'
import type { Entry } from './domain.js'
import { leafHash, merkleRoot } from './merkle.js'

/** One commit of the ledger, chained to the one before: who changes an entry has to change every block after it. */
export type Block = {
  /** The height, padded so that ids sort by it; no two commits can have the same. */
  _id: string
  height: number
  previousHash: string
  /** The Merkle root over the block's entries. */
  root: string
  hash: string
  entryCount: number
  committedAt: Date
}

/** An entry with its place in the chain. */
export type ChainedEntry = Entry & { height: number; index: number }

export const GENESIS: Pick<Block, 'height' | 'hash'> = { height: 0, hash: '0'.repeat(64) }

/** The block that follows, and the entries with their places in it. */
export const nextBlock = (
  previous: Pick<Block, 'height' | 'hash'>,
  entries: readonly Entry[],
  committedAt: Date,
): { block: Block; chained: ChainedEntry[] } => {
  const height = previous.height + 1
  const chained = entries.map((entry, index) => ({ ...entry, height, index }))
  return { block: blockOf(previous.hash, chained, height, committedAt), chained }
}

/** The block that these entries must have at this place; what `verify` compares with the stored one. */
export const blockOf = (
  previousHash: string,
  chained: readonly ChainedEntry[],
  height: number,
  committedAt: Date,
): Block => {
  const root = merkleRoot(chained.map((entry) => leafHash(canonicalJson(entry)))).toString('hex')
  const facts = { height, previousHash, root, entryCount: chained.length, committedAt }
  const hash = createHash('sha256').update(canonicalJson(facts)).digest('hex')
  return { _id: blockId(height), ...facts, hash }
}

export const blockId = (height: number): string => height.toString().padStart(12, '0')
