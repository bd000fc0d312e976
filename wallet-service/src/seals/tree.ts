import { consistencyPath, leafHash, merklePath, merkleRoot } from '../ledger/merkle.js'

/** A power of two: the roots of complete stretches of so many blocks are inner nodes of the tree over all blocks. */
export const STRETCH = 1024

/** The tree over the hashes of all blocks: the roots of the complete stretches, and the blocks after the last of them. */
export type Tree = { stretches: readonly Buffer[]; rest: readonly Buffer[] }

export const leavesOf = (hashes: readonly string[]): Buffer[] => hashes.map(leafHash)

const nodesOf = ({ stretches, rest }: Tree): Buffer[] => [...stretches, ...(rest.length > 0 ? [merkleRoot(rest)] : [])]

export const rootOf = (tree: Tree): Buffer => merkleRoot(nodesOf(tree))

/** The path of the block at a height; its stretch is given by its leaves. */
export const pathOf = (tree: Tree, stretch: readonly Buffer[], height: number): Buffer[] => {
  const index = height - 1
  return [...merklePath(stretch, index % STRETCH), ...merklePath(nodesOf(tree), Math.floor(index / STRETCH))]
}

/** The path from the root over the first blocks, so many, to the root of the tree; `stretch` is the one in which they end. */
export const growthOf = (tree: Tree, stretch: readonly Buffer[], size: number): Buffer[] => {
  const rest = size % STRETCH
  const isWhole = rest === 0 || rest === stretch.length
  const within = (isKnown: boolean) => consistencyPath(stretch, rest, isKnown)
  return consistencyPath(nodesOf(tree), Math.ceil(size / STRETCH), true, isWhole ? undefined : within)
}
