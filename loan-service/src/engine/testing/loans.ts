import fc from 'fast-check'
import { toDay, toDayNumber, type Day } from '../days.js'
import type { Excess, Happening, LoanEvent } from '../events.js'
import { assertAmortizes } from '../schedule.js'
import { PARTS, PLAIN_PRODUCT, type Terms } from '../terms.js'

export const START: Day = '2026-01-31'

/** 1200.00 at 12 % over 12 months, with what a test changes. */
export const termsOf = (changes: Partial<Terms> = {}): Terms => ({
  ...PLAIN_PRODUCT,
  amountMinor: 1_200_00n,
  currency: 'USD',
  annualRate: '12',
  instalments: 12,
  firstDueDate: null,
  ...changes,
})

/** The events of a life that begins with the disbursement; each has its place as sequence and `e<place>` as id. */
export const lifeOf = (terms: Terms, ...later: [on: Day, happening: Happening][]): LoanEvent[] =>
  [[START, { kind: 'disbursed', amountMinor: terms.amountMinor }] as [Day, Happening], ...later].map(
    ([on, happening], index) => ({ id: `e${index + 1}`, sequence: index + 1, on, ...happening }),
  )

export const repaid = (amountMinor: bigint, excess: Excess = 'next_instalment'): Happening => ({
  kind: 'repaid',
  amountMinor,
  excess,
})

export const daysLater = (day: Day, days: number): Day => toDay(toDayNumber(day) + days)

/** How many cases each law is tried on; more with SEEDS in the environment. */
export const RUNS = Number(process.env['SEEDS'] ?? 40)

const some = <Value>(...values: Value[]) => fc.constantFrom(...values)
const charge = fc.oneof(
  fc.record({ flatMinor: fc.bigInt({ min: 0n, max: 50_00n }) }),
  fc.record({ percent: some('1', '2.5', '0.75'), maxMinor: some(null, 30_00n) }),
)
const cap = some(null, 0n, 10_00n, 100_00n)

/** Terms of all sorts that can be repaid. */
export const anyTerms: fc.Arbitrary<Terms> = fc
  .record({
    method: some<Terms['method']>('equal_instalment', 'equal_instalment', 'equal_principal', 'flat'),
    dayCount: some<Terms['dayCount']>('THIRTY_360', 'ACT_365F', 'ACT_360', 'ACT_ACT_ISDA'),
    frequency: some<Terms['frequency']>('monthly', 'monthly', 'weekly', 'fortnightly', 'four_weekly', 'quarterly'),
    grace: fc.record({
      principalPeriods: some(0, 0, 0, 2),
      moratoriumPeriods: some(0, 0, 0, 1, 3),
      moratoriumInterest: some<'accrue' | 'waive'>('accrue', 'waive'),
    }),
    rounding: some(
      { smooth: false, multipleOfMinor: 1n },
      { smooth: true, multipleOfMinor: 1n },
      { smooth: false, multipleOfMinor: 100n },
    ),
    originationFee: fc.option(fc.record({ charge, taken: some<'deducted' | 'added'>('deducted', 'added') })),
    lateFee: fc.option(fc.record({ charge, graceDays: some(0, 5), totalMaxMinor: cap })),
    penalty: fc.option(fc.record({ dailyPercent: some('0.05', '1'), graceDays: some(0, 3), totalMaxMinor: cap })),
    allocation: fc.shuffledSubarray([...PARTS], { minLength: 4 }),
    amountMinor: fc.bigInt({ min: 1_00n, max: 5_000_000_00n }),
    currency: fc.constant('USD'),
    annualRate: some('0', '0.0001', '4.25', '12', '12.3576', '36', '60'),
    instalments: fc.integer({ min: 1, max: 24 }),
    firstDueDate: some<Day | null>(null, null, '2026-02-15', '2026-03-31'),
  })
  .filter((terms) => {
    try {
      assertAmortizes(terms, START)
      return true
    } catch {
      return false
    }
  })

const amounts = (terms: Terms) =>
  fc.oneof(
    fc.bigInt({ min: 1n, max: terms.amountMinor / 3n + 1n }),
    fc.bigInt({ min: 1n, max: (terms.amountMinor * 3n) / 2n }),
    fc.constant(terms.amountMinor / BigInt(terms.instalments) + 1n),
  )

const anyHappening = (terms: Terms): fc.Arbitrary<Happening> => {
  const amountMinor = amounts(terms)
  const payment: fc.Arbitrary<Happening> = fc.record({
    kind: fc.constant('repaid'),
    amountMinor,
    excess: some<Excess>('next_instalment', 'reduce_term', 'reduce_instalment'),
  })
  const newTerms = fc.record({
    firstDueDate: some('2026-08-10', '2026-12-31', '2027-05-05'),
    instalments: fc.integer({ min: 2, max: 12 }),
    annualRate: some('0', '9', '24.5'),
  })
  return fc.oneof(
    { arbitrary: payment, weight: 12 },
    fc.record({ kind: fc.constant('disbursed'), amountMinor }),
    fc.record({ kind: fc.constant('charged'), part: some<'fees' | 'penalties'>('fees', 'penalties'), amountMinor }),
    fc.record({
      kind: fc.constant('waived'),
      part: some<'fees' | 'penalties' | 'interest'>('fees', 'penalties', 'interest'),
      amountMinor,
    }),
    fc.record({ kind: fc.constant('rescheduled'), terms: newTerms }),
    fc.record({ kind: fc.constant('recovered'), amountMinor }),
    fc.record({ kind: fc.constant('credit_refunded'), amountMinor }),
    fc.constant<Happening>({ kind: 'written_off' }),
  )
}

export type Life = { terms: Terms; events: LoanEvent[]; asOf: Day }

const anyDay = fc.integer({ min: 0, max: 500 }).map((days) => daysLater(START, days))

/** A loan and what happened to it in any order of dates, sensible or not, some of it reversed; and a day to look at it. */
export const anyLife: fc.Arbitrary<Life> = anyTerms.chain((terms) =>
  fc.record({
    terms: fc.constant(terms),
    events: fc
      .array(fc.tuple(anyDay, anyHappening(terms), fc.integer({ min: 0, max: 9 })), { maxLength: 12 })
      .map((later) => withReversals(terms, later)),
    asOf: anyDay,
  }),
)

const withReversals = (terms: Terms, later: [Day, Happening, number][]): LoanEvent[] => {
  const events = lifeOf(terms, ...later.map(([on, happening]): [Day, Happening] => [on, happening]))
  const reversals = later.flatMap(([on, , chance], index): LoanEvent[] => {
    const sequence = events.length + index + 1
    return chance === 0 ? [{ id: `r${index}`, sequence, on, kind: 'reversed', eventId: `e${index + 2}` }] : []
  })
  return [...events, ...reversals]
}
