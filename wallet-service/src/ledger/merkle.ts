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
