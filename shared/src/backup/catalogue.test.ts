import { expect, test } from '@jest/globals'
import { outdated, piecesFor } from './catalogue.js'
import type { Piece } from './piece.js'

const DAY_MS = 24 * 3_600_000
const NOW = new Date('2026-11-21T12:00:00Z')
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY_MS)

/** MongoDB's own time stands for the day here. */
const piece = (kind: Piece['kind'], from: number, to: number): Piece => ({
  ...{ id: `${kind} ${from}-${to}`, kind, from: (100 - from).toString(), to: (100 - to).toString() },
  ...{ at: daysAgo(to).toISOString(), segments: 1, records: 1 },
})
const all = [
  ...[piece('snapshot', 40, 40), piece('oplog', 40, 35), piece('snapshot', 35, 35), piece('oplog', 35, 20)],
  ...[piece('snapshot', 20, 20), piece('oplog', 20, 0)],
]
const idsOf = (pieces: readonly Piece[]): string[] => pieces.map(({ id }) => id)

test('what no moment of the last thirty days needs is outdated, and nothing else', () => {
  const old = outdated(all, NOW, 30)
  expect(idsOf(old)).toEqual(['snapshot 40-40', 'oplog 40-35'])
  const kept = all.filter((one) => !old.includes(one))
  for (const days of [30, 25, 20, 10, 0]) expect(() => piecesFor(kept, daysAgo(days))).not.toThrow()
  expect(() => piecesFor(kept, daysAgo(36))).toThrow('No snapshot')
})

test('while the backup is younger than that, all of it is kept', () => {
  expect(outdated(all, NOW, 90)).toEqual([])
})
