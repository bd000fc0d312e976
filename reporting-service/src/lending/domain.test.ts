import { expect, test } from '@jest/globals'
import { addTo, noRisk, standingsOn, type LoanState } from './domain.js'

const loan = (_id: string) => ({ _id, amountMinor: 100_000n, currency: 'USD', activatedOn: '2026-01-01' })
const state = (loanId: string, on: string, more: Partial<LoanState> = {}): LoanState => ({
  ...{
    _id: `${loanId} ${on}`,
    loanId,
    on,
    at: new Date(on),
    status: 'ACTIVE',
    principalMinor: 90_000n,
    oldestUnpaidDueOn: null,
  },
  ...more,
})

const loans = ['a', 'b', 'c'].map(loan)
const states = [
  state('a', '2026-02-01', { oldestUnpaidDueOn: '2026-02-01' }),
  state('a', '2026-04-01', { principalMinor: 50_000n }),
  state('b', '2026-02-01'),
  state('b', '2026-03-01', { oldestUnpaidDueOn: '2026-03-01', principalMinor: 10_000n }),
  state('c', '2026-02-10', { status: 'CLOSED', principalMinor: 0n }),
]

test('a loan is as late as its oldest unpaid instalment on the day that is asked for, whatever came later', () => {
  const late = (day: string) => standingsOn(loans, states, day).map(({ loan: { _id }, daysLate }) => [_id, daysLate])
  expect(late('2026-01-15')).toEqual([])
  expect(late('2026-03-04')).toEqual([['a', 31], ['b', 3], ['c', 0]]) // prettier-ignore
  expect(late('2026-04-15')).toEqual([['a', 0], ['b', 45], ['c', 0]]) // prettier-ignore
})

test('what happened to a loan at one moment counts in its order, in whatever order it is read', () => {
  const numbered = [9, 10].map((sequence) => state('a', '2026-02-01', { _id: `a ${sequence}`, status: sequence === 10 ? 'CLOSED' : 'ACTIVE' })) // prettier-ignore
  for (const some of [numbered, numbered.toReversed()])
    expect(standingsOn(loans, some, '2026-02-01')).toMatchObject([{ state: { status: 'CLOSED' } }])
})

test('all that is outstanding of a loan is at risk once it is late by more than 30, 60 or 90 days', () => {
  const risk = (day: string) => {
    const all = noRisk()
    for (const standing of standingsOn(loans, states, day)) addTo(all, standing)
    return all
  }
  const together = { loans: 3, running: 2, closed: 1, writtenOff: 0, paidOutMinor: 300_000n, principalMinor: 100_000n }
  expect(risk('2026-03-03')).toEqual({ ...together, late: 2, lateMinor: { 0: 100_000n, 30: 0n, 60: 0n, 90: 0n } })
  expect(risk('2026-03-04')).toEqual({ ...together, late: 2, lateMinor: { 0: 100_000n, 30: 90_000n, 60: 0n, 90: 0n } })
  expect(risk('2026-05-31')).toMatchObject({
    ...{ principalMinor: 60_000n, late: 1 },
    lateMinor: { 0: 10_000n, 30: 10_000n, 60: 10_000n, 90: 10_000n },
  })
})
