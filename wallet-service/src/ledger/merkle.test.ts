import { expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { consistencyPath, leafHash, merklePath, merkleRoot } from './merkle.js'

const SIZES = Array.from({ length: 40 }, (_, index) => index + 1)
const leaves = SIZES.map((size) => leafHash(size.toString()))
const node = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest()

/** The stretches of four leaves, as nodes, as they stand when there are so many leaves. */
const stretchesOf = (size: number): Buffer[][] =>
  Array.from({ length: Math.ceil(size / 4) }, (_, index) => leaves.slice(index * 4, Math.min(size, index * 4 + 4)))

test('the root and its paths are those of RFC 6962', () => {
  expect(merkleRoot([]).toString('hex')).toBe(createHash('sha256').update('').digest('hex'))
  const [a, b, c, d, e] = leaves as [Buffer, Buffer, Buffer, Buffer, Buffer]
  expect(merkleRoot([a, b, c, d, e])).toEqual(node(node(node(a, b), node(c, d)), e))
  expect(merklePath([a, b, c, d, e], 2)).toEqual([d, node(a, b), e])
  expect(merklePath([a, b, c, d, e], 4)).toEqual([node(node(a, b), node(c, d))])
  expect(consistencyPath([a, b, c, d, e], 3, true)).toEqual([c, d, node(a, b), e])
  expect(consistencyPath([a, b, c, d, e], 4, true)).toEqual([e])
  expect(consistencyPath([a, b, c, d, e], 5, true)).toEqual([])
})

test('complete stretches are nodes of the tree: with them alone roots and paths are the same', () => {
  for (const size of SIZES) {
    const all = leaves.slice(0, size)
    const stretches = stretchesOf(size)
    const nodes = stretches.map(merkleRoot)
    expect(merkleRoot(nodes)).toEqual(merkleRoot(all))
    for (let before = 1; before <= size; before++) {
      const stretch = stretches[Math.floor((before - 1) / 4)] ?? []
      const path = [...merklePath(stretch, (before - 1) % 4), ...merklePath(nodes, Math.floor((before - 1) / 4))]
      expect(path).toEqual(merklePath(all, before - 1))
      const within = (isKnown: boolean) => consistencyPath(stretch, before % 4, isKnown)
      const isWhole = before % 4 === 0 || before % 4 === stretch.length
      const grown = consistencyPath(nodes, Math.ceil(before / 4), true, isWhole ? undefined : within)
      expect(grown).toEqual(consistencyPath(all, before, true))
    }
  }
})
