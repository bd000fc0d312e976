import { expect, test } from '@jest/globals'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { conditionOf, insertion } from '@countinghouse/shared/mongo/companion'
import { credit, debit, type Account, type EntryDraft } from './domain.js'
import { decideGroup, type Books, type LedgerRequest } from './group.js'

const now = new Date('2026-11-21T09:30:00Z')
const account = (id: string, postedMinor: bigint): Account => ({
  _id: id,
  kind: 'wallet',
  type: 'liability',
  currency: 'USD',
  ownerId: id,
  status: 'open',
  postedMinor,
  pendingInMinor: 0n,
  pendingOutMinor: 0n,
  availableFloorMinor: 0n,
  postedCeilingMinor: null,
  version: 1,
  openedAt: now,
})
const books = (more: Partial<Books> = {}): Books => ({
  accounts: new Map([account('ann', 100n), account('ben', 0n)].map((one) => [one._id, one])),
  entryIds: new Map(),
  misses: new Map(),
  ...more,
})
const move = (key: string, from: string, to: string, amountMinor: bigint): EntryDraft => ({
  entryId: `entry-${key}`,
  key,
  kind: 'transfer',
  reference: { kind: 'transfer', id: key },
  postings: [debit(from, amountMinor), credit(to, amountMinor)],
  actor: 'user:ann',
})
const notes = defineCollection<{ _id: string }>('notes', {})
const noting = (draft: EntryDraft, noteId: string): LedgerRequest => ({
  drafts: [draft],
  companions: () => [insertion(notes, { _id: noteId }, () => new Error('noted before'))],
})
const kinds = (requests: LedgerRequest[], on = books()) =>
  decideGroup(requests, on, now).outcomes.map(({ kind }) => kind)

test('each request is decided on what the ones before it left, and a refused one leaves nothing', () => {
  const requests = [
    { drafts: [move('1', 'ben', 'ann', 1n)] },
    { drafts: [move('2', 'ann', 'ben', 100n)] },
    { drafts: [move('3', 'ann', 'ben', 1n)] },
    { drafts: [move('4', 'ben', 'ann', 60n)] },
  ]
  const { outcomes, accounts } = decideGroup(requests, books(), now)
  expect(outcomes.map(({ kind }) => kind)).toEqual(['refused', 'done', 'refused', 'done'])
  expect([accounts.get('ann')?.postedMinor, accounts.get('ben')?.postedMinor]).toEqual([60n, 40n])
})

test('a key is entered once: what the books or the group have already is refused, with the entry it is', () => {
  const on = books({ entryIds: new Map([['old', 'entry-old']]) })
  const { outcomes } = decideGroup(
    [move('old', 'ann', 'ben', 1n), move('new', 'ann', 'ben', 1n), move('new', 'ann', 'ben', 1n)].map((draft) => ({
      drafts: [draft],
    })),
    on,
    now,
  )
  expect(outcomes).toMatchObject([
    { kind: 'refused', error: { code: 'entry_exists', context: { entry_id: 'entry-old' } } },
    { kind: 'done' },
    { kind: 'refused', error: { code: 'entry_exists', context: { entry_id: 'entry-new' } } },
  ])
})

test('the second writer of one document waits for the next group, and moves nothing in this one', () => {
  const requests = [noting(move('1', 'ann', 'ben', 10n), 'n'), noting(move('2', 'ann', 'ben', 10n), 'n')]
  const { outcomes, accounts, writes } = decideGroup(requests, books(), now)
  expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'deferred'])
  expect(accounts.get('ann')?.postedMinor).toBe(90n)
  expect(writes).toHaveLength(1)
})

test('a companion that misses refuses its request alone', () => {
  const write = noting(move('1', 'ann', 'ben', 10n), 'n')
  const miss = insertion(notes, { _id: 'n' }, () => new Error())
  const on = books({ misses: new Map([[conditionOf(miss), new Error('noted before')]]) })
  expect(kinds([write, { drafts: [move('2', 'ann', 'ben', 10n)] }], on)).toEqual(['refused', 'done'])
})
