import { expect, test } from '@jest/globals'
import type { LoanStatus } from '@countinghouse/shared/contracts/loan'
import fc from 'fast-check'
import { learn, summarise, toTenThousandths, type LoanGroup, type LoanNews, type PortfolioLoan } from './domain.js'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 9, minute))
const application = {
  customerId: 'c1',
  amountMinor: 2_500_000n,
  currency: 'USD',
  riskTenThousandths: 2875,
  appliedAt: at(0),
}
const applied: LoanNews = { loanId: 'l1', status: 'APPLIED', at: at(0), application }
const news = (status: LoanStatus, minute: number, sequence = 0): LoanNews => ({
  ...{ loanId: 'l1', status, at: at(minute) },
  ...(sequence > 0 && { sequence }),
})
const learnAll = (all: readonly LoanNews[]) => all.reduce<PortfolioLoan | undefined>(learn, undefined)

const histories: LoanNews[][] = [
  [applied, news('APPROVED', 1), news('ACTIVE', 2), news('ACTIVE', 2, 1), news('CLOSED', 3, 2)],
  [applied, news('APPROVED', 1), news('APPROVED', 2), news('ACTIVE', 3), news('WRITTEN_OFF', 4, 2)],
  [applied, news('APPROVED', 1), news('ACTIVE', 2, 1), news('CLOSED', 3, 2), news('ACTIVE', 4, 3)],
  [applied, news('APPROVED', 1), news('WITHDRAWN', 2)],
  [applied, news('REJECTED', 1)],
  [applied, news('WITHDRAWN', 1)],
]

test('a loan ends in its last status, in whatever order and however often its events arrive', () => {
  const arrivals = fc
    .constantFrom(...histories)
    .chain((history) =>
      fc.tuple(fc.constant(history), fc.shuffledSubarray([...history, ...history], { minLength: history.length * 2 })),
    )
  const law = fc.property(arrivals, ([history, arrived]) => {
    expect(learnAll(arrived)).toEqual(learnAll(history))
    expect(learnAll(history)).toEqual({
      _id: 'l1',
      ...application,
      status: history.at(-1)?.status,
      sequence: history.at(-1)?.sequence ?? 0,
      lastEventAt: history.at(-1)?.at,
    })
  })
  fc.assert(law)
})

test('of a loan whose application was never seen only the status is known', () => {
  expect(learnAll([news('ACTIVE', 2)])).toMatchObject({ status: 'ACTIVE', amountMinor: null, appliedAt: null })
})

const group = (fields: Partial<LoanGroup>): LoanGroup => ({
  status: 'APPLIED',
  currency: 'USD',
  loans: 1,
  amountMinor: 100n,
  riskTenThousandths: 0n,
  ...fields,
})

test('an empty portfolio has every count, and they are zero', () => {
  expect(summarise([])).toEqual({
    total: 0,
    byStatus: { PENDING: 0, APPROVED: 0, REJECTED: 0 },
    byLifecycle: { APPLIED: 0, APPROVED: 0, ACTIVE: 0, CLOSED: 0, REJECTED: 0, WITHDRAWN: 0, WRITTEN_OFF: 0 },
    averageRiskTenThousandths: 0n,
    byCurrency: {},
  })
})

test.each<[LoanStatus, string]>([
  ['APPLIED', 'PENDING'],
  ['APPROVED', 'APPROVED'],
  ['ACTIVE', 'APPROVED'],
  ['CLOSED', 'APPROVED'],
  ['WRITTEN_OFF', 'APPROVED'],
  ['REJECTED', 'REJECTED'],
  ['WITHDRAWN', 'REJECTED'],
])('a loan that is %s counts as %s', (status, decision) => {
  const { byStatus, byLifecycle } = summarise([group({ status, loans: 3 })])
  expect(byStatus).toEqual({ PENDING: 0, APPROVED: 0, REJECTED: 0, [decision]: 3 })
  expect(byLifecycle[status]).toBe(3)
})

test('the sample portfolio adds up', () => {
  const portfolio = summarise([
    group({ status: 'APPLIED', loans: 5, amountMinor: 15_000_000n, riskTenThousandths: 22_500n }),
    group({ status: 'ACTIVE', loans: 6, amountMinor: 20_000_000n, riskTenThousandths: 15_000n }),
    group({ status: 'REJECTED', loans: 4, amountMinor: 13_700_000n, riskTenThousandths: 30_000n }),
  ])
  expect(portfolio).toMatchObject({
    total: 15,
    byStatus: { PENDING: 5, APPROVED: 6, REJECTED: 4 },
    averageRiskTenThousandths: 4500n,
    byCurrency: { USD: { loans: 15, amountMinor: 48_700_000n } },
  })
})

test('money of different currencies is never added up', () => {
  const { total, byCurrency } = summarise([
    group({ currency: 'USD', amountMinor: 100n }),
    group({ currency: 'JPY', amountMinor: 7n }),
    group({ currency: 'USD', status: 'CLOSED', loans: 2, amountMinor: 50n }),
  ])
  expect(total).toBe(4)
  expect(byCurrency).toEqual({ USD: { loans: 3, amountMinor: 150n }, JPY: { loans: 1, amountMinor: 7n } })
})

test('statuses and life cycles both add up to the total', () => {
  const groups = fc.array(
    fc.record({
      status: fc.constantFrom<LoanStatus>(
        'APPLIED',
        'APPROVED',
        'ACTIVE',
        'CLOSED',
        'REJECTED',
        'WITHDRAWN',
        'WRITTEN_OFF',
      ),
      currency: fc.constantFrom('USD', 'INR', 'JPY'),
      loans: fc.integer({ min: 1, max: 1_000_000 }),
      amountMinor: fc.bigInt({ min: 0n, max: 10n ** 20n }),
      riskTenThousandths: fc.bigInt({ min: 0n, max: 10_000n }),
    }),
  )
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((one, other) => one + other, 0)
  const law = fc.property(groups, (some) => {
    const { total, byStatus, byLifecycle, byCurrency } = summarise(some)
    const loansByCurrency = Object.values(byCurrency).reduce((all, { loans }) => all + loans, 0)
    expect([sum(byStatus), sum(byLifecycle), loansByCurrency]).toEqual([total, total, total])
  })
  fc.assert(law)
})

test('the average risk is rounded to four decimals, a tie to the even one', () => {
  const average = (riskTenThousandths: bigint, loans: number) =>
    summarise([group({ loans, riskTenThousandths })]).averageRiskTenThousandths
  expect([average(10_000n, 3), average(20_000n, 3), average(5n, 2), average(7n, 2)]).toEqual([3333n, 6667n, 2n, 4n])
})

test('a score of four decimals is taken exactly', () => {
  const scores = fc.integer({ min: 0, max: 10_000 })
  fc.assert(fc.property(scores, (score) => toTenThousandths(score / 10_000) === score))
})
