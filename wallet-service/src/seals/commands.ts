import { canonicalJson } from '@countinghouse/shared/canonicalJson'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { blockId, type Block } from '../ledger/block.js'
import { findEntry } from '../ledger/find.js'
import { leafHash, merklePath, merkleRoot } from '../ledger/merkle.js'
import { findHead } from '../ledger/store.js'
import type { Signer } from './note.js'
import {
  entriesOfBlock,
  findBlock,
  findLastSeal,
  findSeal,
  findStretches,
  hashesOf,
  saveSeal,
  saveStretch,
  type Seal,
} from './store.js'
import { STRETCH, growthOf, leavesOf, pathOf, rootOf, type Tree } from './tree.js'

export type Deps = { db: Connection; now: () => Date; signer: Signer }

/** That an entry is under a signed checkpoint: what leads from its text to the root that is signed. */
export type Proof = { entry: string; index: number; entryPath: Buffer[]; block: Block; blockPath: Buffer[]; seal: Seal }

/** Signs the chain as it stands, unless that is done; undefined while it is empty. */
export const seal = async ({ db, now, signer }: Deps): Promise<Seal | undefined> => {
  const [head, last] = [await findHead(readsOn(db)), await findLastSeal(readsOn(db))]
  if (!head || last?.size === head.height) return last
  const [size, root] = [head.height, rootOf(await treeOf(db, head.height))]
  const made = {
    ...{ _id: blockId(size), size, root: root.toString('hex') },
    ...{ note: signer.sign({ size, root }), verifierKey: signer.verifierKey, signedAt: now() },
  }
  await saveSeal(db, made)
  return made
}

/** The proof of an entry under the last checkpoint, or under a new one if it came later. */
export const prove = async (deps: Deps, entryId: string): Promise<Proof> => {
  const { db } = deps
  const entry = await findEntry(readsOn(db), entryId)
  if (!entry) throw refuse('entry_not_found', { entry_id: entryId })
  const last = await findLastSeal(readsOn(db))
  const covering = last && last.size >= entry.height ? last : await seal(deps)
  const block = await findBlock(readsOn(db), entry.height)
  if (!covering || !block) throw new Error(`Entry ${entryId} belongs to no block`)
  const texts = (await entriesOfBlock(readsOn(db), block.height)).map(canonicalJson)
  const tree = await treeOf(db, covering.size)
  if (rootOf(tree).toString('hex') !== covering.root)
    throw new Error(`The chain is not the one that was signed at ${covering.size} blocks`)
  return {
    entry: texts[entry.index] ?? '',
    index: entry.index,
    entryPath: merklePath(texts.map(leafHash), entry.index),
    block,
    blockPath: pathOf(tree, await stretchAround(db, block.height, covering.size), block.height),
    seal: covering,
  }
}

/** That the books of a later checkpoint begin with those of an earlier one, unchanged. */
export type Growth = { from: Seal; to: Seal; path: Buffer[] }

/** Proves that the last checkpoint goes on from an earlier one. */
export const proveGrowth = async ({ db }: Deps, size: number): Promise<Growth> => {
  const [from, to] = [await findSeal(readsOn(db), size), await findLastSeal(readsOn(db))]
  if (!from || !to) throw refuse('checkpoint_not_found', { size })
  const tree = await treeOf(db, to.size)
  return { from, to, path: growthOf(tree, await stretchAround(db, size, to.size), size) }
}

const treeOf = async (db: Connection, size: number): Promise<Tree> => {
  const complete = Math.floor(size / STRETCH)
  const known: Buffer[] = (await findStretches(readsOn(db)))
    .map(({ root }) => Buffer.from(root, 'hex'))
    .slice(0, complete)
  for (let index = known.length; index < complete; index++) known.push(await closeStretch(db, index))
  return { stretches: known, rest: leavesOf(await hashesOf(db, complete * STRETCH, size)) }
}

const closeStretch = async (db: Connection, index: number): Promise<Buffer> => {
  const root = merkleRoot(leavesOf(await hashesOf(db, index * STRETCH, (index + 1) * STRETCH)))
  await saveStretch(db, { _id: blockId(index), root: root.toString('hex') })
  return root
}

const stretchAround = async (db: Connection, height: number, size: number): Promise<Buffer[]> => {
  const before = Math.floor((height - 1) / STRETCH) * STRETCH
  return leavesOf(await hashesOf(db, before, Math.min(before + STRETCH, size)))
}
