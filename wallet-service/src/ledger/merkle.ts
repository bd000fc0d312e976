import { createHash } from 'node:crypto'

/** Merkle trees as in RFC 6962, section 2.1: leaves and inner nodes are hashed with different prefixes. */
const sha256 = (...parts: (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])

export const leafHash = (content: string): Buffer => sha256(LEAF, content)

/** The root over leaf hashes in order; of none, the hash of nothing. */
export const merkleRoot = (leaves: readonly Buffer[]): Buffer => {
  const [only] = leaves
  if (leaves.length <= 1) return only ?? sha256('')
  const split = largestPowerOfTwoBelow(leaves.length)
  return sha256(NODE, merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)))
}

const largestPowerOfTwoBelow = (count: number): number => 2 ** (31 - Math.clz32(count - 1))

/** The hashes beside the way from a leaf up to the root; with them anyone can come from the leaf to the root. */
export const merklePath = (leaves: readonly Buffer[], index: number): Buffer[] => {
  if (leaves.length <= 1) return []
  const split = largestPowerOfTwoBelow(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split
    ? [...merklePath(left, index), merkleRoot(right)]
    : [...merklePath(right, index - split), merkleRoot(left)]
}

/**
 * The hashes that lead from the root over the first nodes to the root over all: whoever knows the first can see that
 * nothing before it changed. `within` goes on inside the last of the first nodes, when it is covered in part.
 */
export const consistencyPath = (
  nodes: readonly Buffer[],
  covered: number,
  isKnown: boolean,
  within?: (isKnown: boolean) => Buffer[],
): Buffer[] => {
  if (within && nodes.length === 1) return within(isKnown)
  if (!within && covered === nodes.length) return isKnown ? [] : [merkleRoot(nodes)]
  const split = largestPowerOfTwoBelow(nodes.length)
  const [left, right] = [nodes.slice(0, split), nodes.slice(split)]
  return covered <= split
    ? [...consistencyPath(left, covered, isKnown, within), merkleRoot(right)]
    : [...consistencyPath(right, covered - split, false, within), merkleRoot(left)]
}
