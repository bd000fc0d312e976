import { describe, expect, test } from '@jest/globals'
import { emiOf } from './emi.js'
import { assertAmortizes, scheduleOf } from './schedule.js'
import { PLAIN_PRODUCT, type Terms } from './terms.js'

const cents = (amount: string): bigint => BigInt(amount.replace('.', ''))
const termsOf = (changes: Partial<Terms>): Terms => ({
  ...PLAIN_PRODUCT,
  amountMinor: 100_000_00n,
  currency: 'USD',
  annualRate: '12',
  instalments: 12,
  firstDueDate: null,
  ...changes,
})
const rowsOf = (changes: Partial<Terms>, disbursedOn = '2026-01-01') => scheduleOf(termsOf(changes), disbursedOn)
const totalsOf = (rows: ReturnType<typeof rowsOf>) => rows.map(({ totalMinor }) => totalMinor)

// The annuity formula as numpy-financial's pmt has it, worked out with 60 digits.
test.each([
  ['100000.00', '12', 12, '8884.88'],
  ['200000.00', '7.5', 180, '1854.02'],
  ['2500.00', '8.24', 12, '217.75'],
  ['25000.00', '12', 36, '830.36'],
  ['10000.00', '0', 36, '277.78'],
  ['1000.00', '0.5', 7, '143.10'],
  ['350000.00', '3.875', 360, '1645.83'],
  ['9999999.99', '29.99', 60, '323472.54'],
  ['100000.00', '8.5', 144, '1110.06'],
  ['1234.56', '47.5', 24, '80.63'],
  ['50.00', '12', 6, '8.63'],
  ['750000.00', '6', 480, '4126.60'],
])('%s at %s %% over %d months is paid back with %s a month', (amount, annualRate, termMonths, instalment) => {
  expect(emiOf({ principalMinor: cents(amount), annualRate, termMonths })).toBe(cents(instalment))
})

// numpy-financial's documented table for 2500 at 8.24 %: principal and interest of each month, before any rounding.
test('the schedule follows the published table to the cent that rounding moves', () => {
  const published: [number, number][] = [
    [200.58, 17.17], [201.96, 15.79], [203.35, 14.4], [204.74, 13.01], [206.15, 11.6], [207.56, 10.18],
    [208.99, 8.76], [210.42, 7.32], [211.87, 5.88], [213.32, 4.42], [214.79, 2.96], [216.26, 1.49],
  ] // prettier-ignore
  const rows = rowsOf({ amountMinor: 2_500_00n, annualRate: '8.24' })
  const near = (amount: bigint, figure: number) => {
    expect(Math.abs(Number(amount) - figure * 100)).toBeLessThan(4)
  }
  published.forEach(([principal, interest], index) => {
    near(rows[index]?.principalMinor ?? 0n, principal)
    near(rows[index]?.interestMinor ?? 0n, interest)
  })
})

type Table = {
  title: string
  terms: Partial<Terms>
  from: string
  rows: [due: string, principal: string, interest: string][]
}

// Figures of the repayment schedules that Apache Fineract's end-to-end features state (EMICalculation, LoanMonthEndDueDateStrategy).
const smooth = { smooth: true, multipleOfMinor: 1n }
const tables: Table[] = [
  {
    title: '100 at 12 % over 6 months, 30/360',
    terms: { amountMinor: 100_00n, instalments: 6, rounding: smooth },
    from: '2024-01-01',
    rows: [
      ['2024-02-01', '16.25', '1.00'], ['2024-03-01', '16.41', '0.84'], ['2024-04-01', '16.58', '0.67'],
      ['2024-05-01', '16.74', '0.51'], ['2024-06-01', '16.91', '0.34'], ['2024-07-01', '17.11', '0.17'],
    ],
  },
  {
    title: '100 at 9.4822 % over 6 months, 30/360',
    terms: { amountMinor: 100_00n, annualRate: '9.4822', instalments: 6, rounding: smooth },
    from: '2024-01-01',
    rows: [
      ['2024-02-01', '16.34', '0.79'], ['2024-03-01', '16.47', '0.66'], ['2024-04-01', '16.60', '0.53'],
      ['2024-05-01', '16.73', '0.40'], ['2024-06-01', '16.86', '0.27'], ['2024-07-01', '17.00', '0.13'],
    ],
  },
  {
    title: '75 at 12.3 % over 5 months, 30/360, evened out',
    terms: { amountMinor: 75_00n, annualRate: '12.3', instalments: 5, rounding: smooth },
    from: '2024-01-01',
    rows: [
      ['2024-02-01', '14.70', '0.77'], ['2024-03-01', '14.85', '0.62'], ['2024-04-01', '15.00', '0.47'],
      ['2024-05-01', '15.16', '0.31'], ['2024-06-01', '15.29', '0.16'],
    ],
  },
  {
    title: '100 at 12 % over 6 months, actual/365',
    terms: { amountMinor: 100_00n, instalments: 6, dayCount: 'ACT_365F', rounding: smooth },
    from: '2024-01-01',
    rows: [
      ['2024-02-01', '16.23', '1.02'], ['2024-03-01', '16.45', '0.80'], ['2024-04-01', '16.56', '0.69'],
      ['2024-05-01', '16.75', '0.50'], ['2024-06-01', '16.90', '0.35'], ['2024-07-01', '17.11', '0.17'],
    ],
  },
  {
    title: '100 at 9.4822 % over 6 months, actual/365',
    terms: { amountMinor: 100_00n, annualRate: '9.4822', instalments: 6, dayCount: 'ACT_365F', rounding: smooth },
    from: '2024-01-01',
    rows: [
      ['2024-02-01', '16.32', '0.81'], ['2024-03-01', '16.50', '0.63'], ['2024-04-01', '16.59', '0.54'],
      ['2024-05-01', '16.74', '0.39'], ['2024-06-01', '16.86', '0.27'], ['2024-07-01', '16.99', '0.13'],
    ],
  },
  {
    title: '100 at 15.678 % over 6 months, actual/365, where evening out would not help',
    terms: { amountMinor: 100_00n, annualRate: '15.678', instalments: 6, dayCount: 'ACT_365F', rounding: smooth },
    from: '2024-01-01',
    rows: [
      ['2024-02-01', '16.10', '1.33'], ['2024-03-01', '16.38', '1.05'], ['2024-04-01', '16.53', '0.90'],
      ['2024-05-01', '16.77', '0.66'], ['2024-06-01', '16.97', '0.46'], ['2024-07-01', '17.25', '0.22'],
    ],
  },
  {
    title: '10000 at 12 % over 3 months from a 31st, 30/360',
    terms: { amountMinor: 10_000_00n, instalments: 3, rounding: smooth },
    from: '2025-01-31',
    rows: [
      ['2025-02-28', '3300.22', '100.00'], ['2025-03-31', '3333.22', '67.00'], ['2025-04-30', '3366.56', '33.67'],
    ],
  },
  {
    title: '10000 at 12 % over 3 months from a 31st, actual/actual',
    terms: { amountMinor: 10_000_00n, instalments: 3, dayCount: 'ACT_ACT_ISDA', rounding: smooth },
    from: '2025-01-31',
    rows: [
      ['2025-02-28', '3305.77', '92.05'], ['2025-03-31', '3329.59', '68.23'], ['2025-04-30', '3364.64', '33.19'],
    ],
  },
] // prettier-ignore

describe('published schedules', () => {
  test.each(tables)('$title', ({ terms, from, rows }) => {
    const expected = rows.map(([dueDate, principal, interest]) => [dueDate, cents(principal), cents(interest)])
    const found = rowsOf(terms, from).map((row) => [row.dueDate, row.principalMinor, row.interestMinor])
    expect(found).toEqual(expected)
  })
})

describe('due dates', () => {
  const datesOf = (changes: Partial<Terms>, from: string) => rowsOf(changes, from).map(({ dueDate }) => dueDate)

  test('a loan that begins on a 31st falls due on the last day of shorter months, and comes back to the 31st', () => {
    expect(datesOf({ instalments: 4 }, '2023-12-31')).toEqual(['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30'])
  })

  test('the first due day binds all later ones', () => {
    const dates = datesOf({ instalments: 3, firstDueDate: '2026-02-15' }, '2026-01-20')
    expect(dates).toEqual(['2026-02-15', '2026-03-15', '2026-04-15'])
  })

  test.each([
    ['weekly', ['2026-01-08', '2026-01-15']],
    ['fortnightly', ['2026-01-15', '2026-01-29']],
    ['four_weekly', ['2026-01-29', '2026-02-26']],
    ['quarterly', ['2026-04-01', '2026-07-01']],
  ] as const)('a %s loan', (frequency, expected) => {
    expect(datesOf({ frequency, instalments: 2 }, '2026-01-01')).toEqual(expected)
  })

  test('money that comes after the first due day moves the schedule on by whole periods', () => {
    expect(datesOf({ instalments: 2, firstDueDate: '2026-01-15' }, '2026-01-15')).toEqual(['2026-02-15', '2026-03-15'])
  })
})

describe('interest', () => {
  test('a fifty-second of the year passes in a week, a quarter in three months', () => {
    expect(rowsOf({ frequency: 'weekly', annualRate: '5.2' })[0]?.interestMinor).toBe(100_00n)
    expect(rowsOf({ frequency: 'quarterly' })[0]?.interestMinor).toBe(3_000_00n)
  })

  test('a first period that is longer than a month costs its odd days', () => {
    const [first] = rowsOf({ firstDueDate: '2026-02-16' }, '2026-01-01')
    // A month, and 15 of the 31 days from 16 December.
    expect(first?.interestMinor).toBe(1_000_00n + 483_87n)
  })

  test('actual days: leap years count 366 by ISDA, 360 days cost the most', () => {
    const first = (dayCount: Terms['dayCount'], from: string) =>
      rowsOf({ dayCount, instalments: 2 }, from)[0]?.interestMinor
    expect(first('ACT_365F', '2024-01-01')).toBe(1_019_18n)
    expect(first('ACT_360', '2024-01-01')).toBe(1_033_33n)
    expect(first('ACT_ACT_ISDA', '2024-01-01')).toBe(1_016_39n)
    expect(first('ACT_ACT_ISDA', '2023-12-15')).toBe(1_017_92n)
  })
})

describe('methods, grace and rounding', () => {
  test('equal principal asks for the same principal each time and ever less interest', () => {
    const rows = rowsOf({ method: 'equal_principal', amountMinor: 1_200_00n, instalments: 3 })
    expect(rows.map(({ principalMinor, interestMinor }) => [principalMinor, interestMinor])).toEqual([
      [400_00n, 12_00n],
      [400_00n, 8_00n],
      [400_00n, 4_00n],
    ])
  })

  test('flat interest is that of the whole loan in each instalment', () => {
    expect(totalsOf(rowsOf({ method: 'flat', amountMinor: 1_200_00n, instalments: 3 }))).toEqual([
      412_00n,
      412_00n,
      412_00n,
    ])
  })

  test('while principal has grace, interest alone is asked for', () => {
    const grace = { principalPeriods: 2, moratoriumPeriods: 0, moratoriumInterest: 'accrue' } as const
    const rows = rowsOf({ grace, amountMinor: 1_200_00n, instalments: 5 })
    expect(totalsOf(rows)).toEqual([12_00n, 12_00n, 408_03n, 408_03n, 408_02n])
  })

  test('interest of a moratorium is spread over the instalments after it, or waived', () => {
    const grace = { principalPeriods: 0, moratoriumPeriods: 2, moratoriumInterest: 'accrue' } as const
    const loan = { amountMinor: 1_200_00n, instalments: 5 }
    expect(totalsOf(rowsOf({ ...loan, grace }))).toEqual([0n, 0n, 416_03n, 416_03n, 416_02n])
    const waived = { ...grace, moratoriumInterest: 'waive' } as const
    expect(totalsOf(rowsOf({ ...loan, grace: waived }))).toEqual([0n, 0n, 408_03n, 408_03n, 408_02n])
  })

  test('instalments can be whole multiples; the last one balances', () => {
    const rows = rowsOf({ rounding: { smooth: false, multipleOfMinor: 100_00n }, instalments: 12 })
    expect(totalsOf(rows).slice(0, 11)).toEqual(new Array(11).fill(8_900_00n))
    expect(rows[11]?.balanceMinor).toBe(0n)
  })

  test('without interest the parts are equal, and a cent that is left goes to the last', () => {
    expect(totalsOf(rowsOf({ annualRate: '0', amountMinor: 100_00n, instalments: 3 }))).toEqual([
      33_33n,
      33_33n,
      33_34n,
    ])
  })

  test('rounding up never swallows an instalment', () => {
    expect(totalsOf(rowsOf({ annualRate: '0', amountMinor: 15n, instalments: 10 }))).toEqual([
      1n,
      1n,
      1n,
      1n,
      1n,
      1n,
      1n,
      1n,
      1n,
      6n,
    ])
  })
})

describe('terms that can not be repaid are refused', () => {
  const refused = (changes: Partial<Terms>, from = '2026-01-01') =>
    expect(() => {
      assertAmortizes(termsOf(changes), from)
    }).toThrow(expect.objectContaining({ code: 'terms_not_amortizing' }))

  test('less than a cent for each instalment', () => refused({ amountMinor: 11n }))
  test('an instalment that does not cover the first interest', () =>
    refused({ amountMinor: 100_00n, annualRate: '900', instalments: 40, firstDueDate: '2027-01-01' }))
  test('a multiple that is larger than the loan allows', () =>
    refused({ amountMinor: 1_200_00n, rounding: { smooth: false, multipleOfMinor: 500_00n } }))
  test('grace to the very end', () =>
    refused({ grace: { principalPeriods: 12, moratoriumPeriods: 0, moratoriumInterest: 'accrue' } }))
  test('the usual terms are not', () => {
    expect(() => {
      assertAmortizes(termsOf({}), '2026-01-01')
    }).not.toThrow()
  })
})
