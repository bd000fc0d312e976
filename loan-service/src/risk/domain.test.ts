import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { assessRisk, type RiskRequest } from './domain.js'

const limits = { score: 0.75, termMonthsMax: 360 }
const sample: RiskRequest = {
  amountMinor: 25_000_00n,
  currency: 'USD',
  termMonths: 36,
  annualRate: '12',
  incomeMinor: 60_000_00n,
  expensesMinor: 20_000_00n,
}
const assess = (changes: Partial<RiskRequest> = {}) => assessRisk({ ...sample, ...changes }, limits)
const scoreOf = (request: RiskRequest) => assessRisk(request, limits).riskScore
const codesOf = (changes: Partial<RiskRequest>) => assess(changes).riskReasons.map(({ code }) => code)

test('the sample application scores 0.2875, at any rate that leaves the instalment free', () => {
  expect(assess().riskScore).toBe(0.2875)
  expect(assess({ annualRate: '0' }).riskScore).toBe(0.2875)
  expect(assess().riskReasons.map(({ code, contribution, value }) => [code, contribution, value])).toEqual([
    ['INSTALMENT_TO_DISPOSABLE', 0.1042, 0.2083],
    ['EXPENSES_TO_INCOME', 0.1, 0.3333],
    ['AMOUNT_TO_INCOME', 0.0833, 0.4167],
  ])
})

test('a loan whose instalment eats more than is left can not hide behind capped parts', () => {
  const impossible = { amountMinor: 60_000_00n, incomeMinor: 60_000_00n, expensesMinor: 6_000_00n, annualRate: '0' }
  expect(assess({ ...impossible, termMonths: 6 }).riskScore).toBe(1)
  expect(assess({ ...impossible, termMonths: 12 }).riskScore).toBe(0.7778)
  const { riskReasons } = assess({ ...impossible, termMonths: 12 })
  expect(riskReasons).toHaveLength(4)
  expect(riskReasons.find(({ code }) => code === 'INSTALMENT_UNAFFORDABLE')).toMatchObject({
    value: 1.1111,
    message: 'The instalment of 5000.00 leaves nothing of the 4500.00 a month',
  })
})

// An income of 1000 a month and a loan of one month without interest: the amount is the share of what is left.
test.each([
  [400, 0.2067],
  [800, 0.5],
  [950, 0.6875],
  [999.99, 0.75],
  [1000, 0.75],
  [1500, 0.875],
  [2000, 1],
  [9000, 1],
])('an instalment of %d of the 1000 left each month scores %d', (instalment, score) => {
  const amountMinor = BigInt(Math.round(instalment * 100))
  const terms = { amountMinor, termMonths: 1, annualRate: '0', incomeMinor: 12_000_00n, expensesMinor: 0n }
  expect(assess(terms).riskScore).toBe(score)
})

test('nothing left, or an income stated as 0, scores 1; what is not stated is neutral', () => {
  const reason = (changes: Partial<RiskRequest>) => {
    const { riskScore, riskReasons, ...rest } = assess(changes)
    expect(riskReasons).toHaveLength(1)
    expect(riskReasons[0]?.contribution).toBe(riskScore)
    expect(rest).toMatchObject({ maxAmountMinor: null, minTermMonths: null })
    return [riskScore, riskReasons[0]?.code]
  }
  expect(reason({ expensesMinor: 60_000_00n })).toEqual([1, 'NO_DISPOSABLE_INCOME'])
  expect(reason({ incomeMinor: 0n, expensesMinor: 0n })).toEqual([1, 'NO_DISPOSABLE_INCOME'])
  expect(reason({ incomeMinor: 0n, expensesMinor: null })).toEqual([1, 'NO_DISPOSABLE_INCOME'])
  expect(reason({ incomeMinor: null, expensesMinor: null })).toEqual([0.5, 'INCOME_NOT_STATED'])
  expect(reason({ expensesMinor: null })).toEqual([0.5, 'INCOME_NOT_STATED'])
})

test('reasons come with the heaviest first', () => {
  expect(codesOf({ expensesMinor: 50_000_00n, amountMinor: 1_000_00n })[0]).toBe('EXPENSES_TO_INCOME')
})

describe('for every request', () => {
  const amount = fc.bigInt({ min: 1n, max: 2_000_000_00n })
  const requests = fc.record({
    amountMinor: amount,
    currency: fc.constant('USD'),
    termMonths: fc.integer({ min: 1, max: 120 }),
    annualRate: fc
      .integer({ min: 0, max: 10_000 })
      .map((hundredths) => `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`),
    incomeMinor: fc.bigInt({ min: 0n, max: 500_000_00n }),
    expensesMinor: fc.bigInt({ min: 0n, max: 300_000_00n }),
  })
  const law = (name: string, holds: (request: RiskRequest & { incomeMinor: bigint; expensesMinor: bigint }) => void) =>
    test(name, () => {
      fc.assert(fc.property(requests, holds), { numRuns: 200 })
    })
  const never = (
    name: string,
    change: (request: RiskRequest & { incomeMinor: bigint; expensesMinor: bigint }, by: bigint) => Partial<RiskRequest>,
  ) =>
    test(name, () => {
      fc.assert(
        fc.property(requests, fc.bigInt({ min: 1n, max: 100_000_00n }), (request, by) => {
          expect(scoreOf({ ...request, ...change(request, by) })).toBeGreaterThanOrEqual(scoreOf(request))
        }),
        { numRuns: 200 },
      )
    })

  law('the score is what the formula gives in plain decimals', (request) => {
    const [amount, income, expenses] = [request.amountMinor, request.incomeMinor, request.expensesMinor].map(
      Number,
    ) as [number, number, number]
    const left = (income - expenses) / 12
    if (left <= 0) return expect(scoreOf(request)).toBe(1)
    const rate = Number(request.annualRate) / 1200
    const instalment =
      rate === 0 ? amount / request.termMonths : (amount * rate) / (1 - (1 + rate) ** -request.termMonths)
    const base =
      0.5 * Math.min(1, amount / request.termMonths / left) +
      0.3 * Math.min(1, expenses / income) +
      0.2 * Math.min(1, amount / income)
    const burden = instalment / left
    const floor = burden <= 1 ? 0.75 * Math.max(0, (burden - 0.4) / 0.6) : 0.75 + 0.25 * Math.min(1, burden - 1)
    expect(Math.abs(scoreOf(request) - Math.max(base, floor))).toBeLessThan(0.000051)
  })
  law('the score lies from 0 to 1', (request) => {
    expect(scoreOf(request)).toBeGreaterThanOrEqual(0)
    expect(scoreOf(request)).toBeLessThanOrEqual(1)
  })
  law('the contributions add up to the score, to the last digit, in at most four reasons', (request) => {
    const { riskScore, riskReasons } = assessRisk(request, limits)
    const points = riskReasons.map(({ contribution }) => Math.round(contribution * 10_000))
    expect(points.reduce((sum, one) => sum + one, 0)).toBe(Math.round(riskScore * 10_000))
    expect(points).toEqual([...points].sort((one, other) => other - one))
    expect(riskReasons.length).toBeLessThanOrEqual(4)
  })
  law('who can not pay the instalment from what is left is never below the limit', (request) => {
    const leftMinor = request.incomeMinor - request.expensesMinor
    // Without interest is the smallest instalment there is.
    if (request.amountMinor * 12n < leftMinor * BigInt(request.termMonths)) return
    expect(scoreOf(request)).toBeGreaterThanOrEqual(0.75)
  })
  law('the offer passes, and one step beyond it does not', (request) => {
    const { riskScore, maxAmountMinor, minTermMonths } = assessRisk(request, limits)
    if (riskScore < 0.75) expect([maxAmountMinor, minTermMonths]).toEqual([null, null])
    if (maxAmountMinor !== null) {
      expect(scoreOf({ ...request, amountMinor: maxAmountMinor })).toBeLessThan(0.75)
      expect(scoreOf({ ...request, amountMinor: maxAmountMinor + 1n })).toBeGreaterThanOrEqual(0.75)
    }
    if (minTermMonths !== null) {
      expect(scoreOf({ ...request, termMonths: minTermMonths })).toBeLessThan(0.75)
      expect(scoreOf({ ...request, termMonths: minTermMonths - 1 })).toBeGreaterThanOrEqual(0.75)
    }
  })
  law('a hundredfold of all money changes nothing', (request) => {
    const times = (minor: bigint) => minor * 100n
    const { amountMinor, incomeMinor, expensesMinor } = request
    const larger = {
      amountMinor: times(amountMinor),
      incomeMinor: times(incomeMinor),
      expensesMinor: times(expensesMinor),
    }
    expect(scoreOf({ ...request, ...larger })).toBe(scoreOf(request))
  })
  never('a larger amount never lowers the score', ({ amountMinor }, by) => ({ amountMinor: amountMinor + by }))
  never('higher expenses never lower the score', ({ expensesMinor }, by) => ({ expensesMinor: expensesMinor + by }))
  never('a higher rate never lowers the score', ({ annualRate }, by) => ({
    annualRate: String(Number(annualRate) + Number(by % 50n)),
  }))
  never('a smaller income never lowers the score', ({ incomeMinor }, by) => ({
    incomeMinor: incomeMinor > by ? incomeMinor - by : 0n,
  }))
  never('a shorter term never lowers the score', ({ termMonths }, by) => ({
    termMonths: Math.max(1, termMonths - Number(by % 60n)),
  }))
})
