// Verifies proofs of countinghouse's ledger on its own: node verify-proof.mjs FILE [KEY]
// It needs Node.js and nothing else, asks nobody, and ends with 1 when anything is wrong.
//
// The file is the answer of GET /ledger/checkpoints/:size/growth, which proves that the books of the later checkpoint
// begin with those of the earlier one (compare that with the one you noted), or of GET /ledger/entries/:id/proof:
//   1. the text of the entry is a leaf of its block's Merkle tree (RFC 6962);
//   2. the block's hash covers that tree, and is a leaf of the tree over all blocks;
//   3. the root of that tree is in the checkpoint, which is signed (Ed25519, a C2SP signed note).
// KEY is the verifier key as it was noted elsewhere; without it, compare the one that is printed.
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const leafOf = (text) => sha256(Buffer.from([0]), text)
const nodeOf = (left, right) => sha256(Buffer.from([1]), left, right)
const SPKI_OF_KEY = Buffer.from('302a300506032b6570032100', 'hex')

const insist = (holds, problem) => {
  if (!holds) throw new Error(problem)
}

/** RFC 9162, section 2.1.3.2: the root that a leaf at an index of a tree of some size comes to along a path. */
const rootAlong = (leaf, path, index, size) => {
  let [hash, at, last] = [leaf, index, size - 1]
  const up = () => ([at, last] = [Math.floor(at / 2), Math.floor(last / 2)])
  for (const beside of path) {
    insist(last > 0, 'a path is longer than its tree is high')
    if (at % 2 === 1 || at === last) {
      hash = nodeOf(beside, hash)
      while (at % 2 === 0 && at > 0) up()
    } else hash = nodeOf(hash, beside)
    up()
  }
  insist(last === 0, 'a path is shorter than its tree is high')
  return hash
}

/** RFC 9162, section 2.1.4.2: the roots before and after, to which a path between two sizes comes. */
const rootsAlong = ({ size, root }, path, grown) => {
  if (size === grown) return [root, path.length === 0 ? root : undefined]
  const isWhole = Number.isInteger(Math.log2(size))
  const [start, ...rest] = isWhole ? [root, ...path] : path
  insist(start !== undefined, 'the path is empty')
  let [before, after, at, last] = [start, start, size - 1, grown - 1]
  const up = () => ([at, last] = [Math.floor(at / 2), Math.floor(last / 2)])
  while (at % 2 === 1) up()
  for (const beside of rest) {
    insist(last > 0, 'the path is longer than its tree is high')
    if (at % 2 === 1 || at === last) {
      ;[before, after] = [nodeOf(beside, before), nodeOf(beside, after)]
      while (at % 2 === 0 && at > 0) up()
    } else after = nodeOf(after, beside)
    up()
  }
  insist(last === 0, 'the path is shorter than its tree is high')
  return [before, after]
}

const readNote = (note, verifierKey) => {
  const [name, keyHash, ...rest] = verifierKey.split('+')
  const key = Buffer.from(rest.join('+'), 'base64')
  insist(key.length === 33 && key[0] === 1, 'the verifier key is none')
  insist(sha256(`${name}\n`, key).subarray(0, 4).toString('hex') === keyHash, 'the verifier key is damaged')
  const [text, signatures = ''] = note.split('\n\n')
  const prefix = `— ${name} `
  const line = signatures.split('\n').find((one) => one.startsWith(prefix))
  insist(line !== undefined, 'the checkpoint is not signed with this key')
  const signature = Buffer.from(line.slice(prefix.length), 'base64')
  insist(signature.subarray(0, 4).toString('hex') === keyHash, 'the checkpoint is signed with another key')
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_OF_KEY, key.subarray(1)]), format: 'der', type: 'spki' })
  insist(verify(null, `${text}\n`, publicKey, signature.subarray(4)), 'the signature of the checkpoint is wrong')
  const [origin, size, root] = text.split('\n')
  insist(origin === name, 'the checkpoint is that of another log')
  return { size: Number(size), root: Buffer.from(root, 'base64') }
}

const hashesIn = (path) => path.map((one) => Buffer.from(one, 'hex'))

const checkGrowth = ({ from, to, path }, key) => {
  const [earlier, later] = [readNote(from, key), readNote(to, key)]
  const [before, after] = rootsAlong(earlier, hashesIn(path), later.size)
  insist(before.equals(earlier.root), 'the books are not those of the earlier checkpoint')
  insist(after?.equals(later.root), 'the books are not those of the later checkpoint')
  return `${from}The checkpoint at ${later.size} blocks goes on from this one at ${earlier.size}, signed with`
}

const checkEntry = ({ entry, index, entry_path, block, block_path, checkpoint }, key) => {
  const { committedAt, entryCount, height, previousHash, root, hash } = block
  const entryRoot = rootAlong(leafOf(entry), hashesIn(entry_path), index, entryCount)
  insist(entryRoot.toString('hex') === root, 'the entry is not in its block')
  const facts =
    `{"committedAt":${committedAt},"entryCount":${entryCount},"height":${height},` +
    `"previousHash":${JSON.stringify(previousHash)},"root":${JSON.stringify(root)}}`
  insist(sha256(facts).toString('hex') === hash, 'the block is not what its hash was made of')
  const signed = readNote(checkpoint, key)
  const blockRoot = rootAlong(leafOf(hash), hashesIn(block_path), height - 1, signed.size)
  insist(blockRoot.equals(signed.root), 'the block is not under the checkpoint')
  return `${entry}\nis in block ${height}, under the checkpoint at ${signed.size} blocks, signed with`
}

const CHECKS = { 'countinghouse-ledger-proof': checkEntry, 'countinghouse-ledger-growth': checkGrowth }

try {
  const [, , file, key] = process.argv
  insist(file !== undefined, 'no file is named: node verify-proof.mjs FILE [KEY]')
  const proof = JSON.parse(readFileSync(file, 'utf8'))
  const check = Object.hasOwn(CHECKS, proof.format) && proof.version === 1 ? CHECKS[proof.format] : undefined
  insist(check !== undefined, 'this is no proof of a countinghouse ledger')
  console.log(check(proof, key ?? proof.verifier_key))
  console.log(key ?? `${proof.verifier_key} (compare it with the one that you noted)`)
} catch (error) {
  console.error(`WRONG  ${error.message}`)
  process.exit(1)
}
