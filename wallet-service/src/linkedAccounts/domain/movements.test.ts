import { expect, test } from '@jest/globals'
import { applyPage, namedIn, type AccountMovement, type MovementPage, type ReportedMovement } from './movements.js'

const now = new Date('2026-11-21T09:30:00Z')
const link = { linkId: 'link', userId: 'ann' }
const accountIds = new Map([
  ['their-account', 'our-account'],
  ['taken out', undefined],
])
const told = (externalId: string, more: Partial<ReportedMovement> = {}): ReportedMovement => ({
  ...{ externalId, accountExternalId: 'their-account', pendingId: null, isPending: false },
  ...{ amountMinor: -1250n, currency: 'USD', description: 'COFFEE', day: '2026-11-20', category: 'food', ...more },
})
const page = (more: Partial<MovementPage>): MovementPage => ({
  ...{ added: [], modified: [], removed: [], nextCursor: '1', hasMore: false, ...more },
})
const after = (known: readonly AccountMovement[], ...pages: Partial<MovementPage>[]): AccountMovement[] =>
  pages.reduce<AccountMovement[]>(
    (rows, more) => {
      const movements = new Map(rows.map((row) => [row.externalId, row]))
      const { changed } = applyPage(page(more), link, { movements, accountIds }, now)
      return [...new Map([...rows, ...changed].map((row) => [row._id, row])).values()]
    },
    [...known],
  )
const edited = (row: AccountMovement | undefined): AccountMovement => {
  if (!row) throw new Error('There is no movement to edit')
  return { ...row, edits: { category: 'treats', note: 'with Ben' } }
}
const standing = (rows: readonly AccountMovement[]) => rows.filter(({ removedAt }) => removedAt === null)

test('a posted movement takes over what its user wrote on the pending one, and stands in its place', () => {
  const [pending] = after([], { added: [told('p1', { isPending: true })] })
  const rows = after([edited(pending)], {
    added: [told('t1', { pendingId: 'p1', amountMinor: -1300n })],
    removed: ['p1'],
  })
  expect(standing(rows)).toEqual([
    expect.objectContaining({ externalId: 't1', amountMinor: -1300n, isPending: false, edits: edited(pending).edits }),
  ])
})

test('it does so as well when the pending one was taken back a page earlier', () => {
  const [pending] = after([], { added: [told('p1', { isPending: true })] })
  const rows = after([edited(pending)], { removed: ['p1'] }, { added: [told('t1', { pendingId: 'p1' })] })
  expect(standing(rows).map(({ externalId, edits }) => [externalId, edits.note])).toEqual([['t1', 'with Ben']])
})

test('a change at the institution, and the same page again, leave the user’s words alone', () => {
  const [first] = after([], { added: [told('t1')] })
  const change = { modified: [told('t1', { description: 'COFFEE HOUSE', category: 'restaurants' })] }
  const rows = after([edited(first)], change, change)
  expect(rows).toEqual([expect.objectContaining({ description: 'COFFEE HOUSE', category: 'restaurants', edits: edited(first).edits })]) // prettier-ignore
})

test('movements of an account that its user took out are left out', () => {
  expect(after([], { added: [told('t1', { accountExternalId: 'taken out' })] })).toEqual([])
})

test('a movement on an account that nobody has heard of yet is not passed over', () => {
  expect(() => after([], { added: [told('t1', { accountExternalId: 'brand new' })] })).toThrow('not reported yet')
})

test('everything that a page speaks of is looked up', () => {
  const named = namedIn(page({ added: [told('t1', { pendingId: 'p1' })], modified: [told('t2')], removed: ['t3'] }))
  expect(named.sort()).toEqual(['p1', 't1', 't2', 't3'])
})
