import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Entry } from '../ledger/domain.js'
import { reverseEntry, type Reversal } from './domain.js'

const leg = (accountId: string, side: 'debit' | 'credit', amountMinor: bigint) => ({
  accountId,
  side,
  amountMinor,
  currency: 'USD',
  balanceAfterMinor: 0n,
})
const entry = (...postings: Entry['postings']): Entry => ({
  _id: 'original',
  key: 'original',
  kind: 'transfer',
  reference: { kind: 'transfer', id: 'original' },
  postings,
  reservations: [],
  actor: 'user:ann',
  description: null,
  postedAt: new Date('2026-11-21T09:30:00Z'),
})
const two = entry(leg('ann', 'debit', 100n), leg('ben', 'credit', 100n))
const many = entry(leg('bank', 'debit', 100n), leg('ann', 'credit', 99n), leg('fees', 'credit', 1n))
const reverse = (original: Entry, before?: Reversal, amountMinor?: bigint) =>
  reverseEntry(original, before, { amountMinor, reason: 'by mistake' }, { entryId: 'reversal', actor: 'user:admin' })
const refusal = (code: string): unknown => expect.objectContaining({ code })

test('a reversal mirrors every leg and points to the entry it undoes', () => {
  const { draft, reversal } = reverse(many)
  expect(draft).toMatchObject({
    kind: 'reversal',
    reference: { kind: 'reversal', id: 'original' },
    description: 'by mistake',
  })
  expect(draft.postings).toEqual([
    { accountId: 'bank', side: 'credit', amountMinor: 100n },
    { accountId: 'ann', side: 'debit', amountMinor: 99n },
    { accountId: 'fees', side: 'debit', amountMinor: 1n },
  ])
  expect(reversal.remainingMinor).toBe(0n)
})

test('an entry of more than two legs is not divided, and a reversal or an entry without legs not reversed', () => {
  expect(() => reverse(many, undefined, 50n)).toThrow(refusal('not_divisible'))
  expect(() => reverse({ ...two, kind: 'reversal' })).toThrow(refusal('not_reversible'))
  expect(() => reverse(entry())).toThrow(refusal('not_reversible'))
})

test('whatever parts are asked for, no more is ever reversed than was posted', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.bigInt({ min: 1n, max: 80n }), { nil: undefined })), (parts) => {
      let before: Reversal | undefined
      let reversed = 0n
      for (const part of parts) {
        try {
          const { reversal, draft } = reverse(two, before, part)
          reversed += draft.postings[0]?.amountMinor ?? 0n
          before = reversal
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^already_reversed$|^exceeds_entry$/) })
        }
        expect(reversed).toBe(100n - (before?.remainingMinor ?? 100n))
        expect(reversed).toBeLessThanOrEqual(100n)
      }
    }),
  )
})
