import { expect, test } from '@jest/globals'
import { euApr, usApr, type Flow, type UnitPeriod } from './apr.js'
import { dayInMonth, partsOfDay, toDay, toDayNumber, type Day } from './days.js'

const later = (on: Day, unit: UnitPeriod, count: number): Day => {
  const start = toDayNumber(on)
  if ('days' in unit) return toDay(start + unit.days * count)
  if ('weeks' in unit) return toDay(start + 7 * unit.weeks * count)
  const { month, dayOfMonth } = partsOfDay(start)
  return toDay(dayInMonth(month + unit.months * count, dayOfMonth))
}

const cents = (amount: number): bigint => BigInt(Math.round(amount * 100))
const flow = (on: Day, amount: number): Flow => ({ on, amountMinor: cents(amount) })

type Example = {
  advance: [Day, number]
  unit: UnitPeriod
  first: Day
  payments: [count: number, amount: number][]
  apr: string
}

const flowsOf = ({ advance, unit, first, payments }: Example) => {
  const amounts = payments.flatMap(([count, amount]) => new Array<number>(count).fill(amount))
  return {
    advances: [flow(...advance)],
    payments: amounts.map((amount, index) => flow(later(first, unit, index), amount)),
  }
}

const month = { months: 1 }
// 12 CFR 1026, Appendix J (c): every example of payments by weeks, months or a single one.
const regulationZ: [string, Example][] = [
  ['(1)(i)', { advance: ['1978-01-10', 5000], unit: month, first: '1978-02-10', payments: [[24, 230]], apr: '9.69' }],
  ['(1)(ii)', { advance: ['1978-02-10', 6000], unit: month, first: '1978-04-01', payments: [[36, 200]], apr: '11.82' }],
  [
    '(1)(iv)',
    { advance: ['1978-05-23', 10000], unit: { months: 3 }, first: '1978-10-01', payments: [[40, 385]], apr: '8.97' },
  ],
  [
    '(1)(v)',
    { advance: ['1978-03-20', 500], unit: { weeks: 1 }, first: '1978-04-21', payments: [[30, 17.6]], apr: '14.96' },
  ],
  [
    '(2)(i)',
    { advance: ['1978-01-10', 5000], unit: month, first: '1978-02-10', payments: [[1, 250], [23, 230]], apr: '10.08' },
  ],
  [
    '(2)(ii)',
    {
      advance: ['1978-03-18', 400],
      unit: { weeks: 4 },
      first: '1978-04-20',
      payments: [[1, 39.5], [11, 38.31]],
      apr: '28.50',
    },
  ],
  [
    '(3)(i)',
    { advance: ['1978-01-10', 5000], unit: month, first: '1978-02-10', payments: [[23, 230], [1, 280]], apr: '10.50' },
  ],
  [
    '(3)(ii)',
    {
      advance: ['1978-04-03', 200],
      unit: { weeks: 2 },
      first: '1978-04-11',
      payments: [[19, 9.5], [1, 30]],
      apr: '12.22',
    },
  ],
  [
    '(4)(i)',
    {
      advance: ['1978-01-10', 5000],
      unit: month,
      first: '1978-02-10',
      payments: [[1, 250], [22, 230], [1, 280]],
      apr: '10.90',
    },
  ],
  [
    '(4)(ii)',
    {
      advance: ['1978-01-10', 8000],
      unit: { months: 2 },
      first: '1978-03-01',
      payments: [[1, 449.36], [18, 465], [1, 200]],
      apr: '7.30',
    },
  ],
  [
    '(5)(i)',
    { advance: ['1978-01-03', 1000], unit: { days: 255 }, first: '1978-09-15', payments: [[1, 1080]], apr: '11.45' },
  ],
] // prettier-ignore

test.each(regulationZ)('Regulation Z, Appendix J, example (c)%s', (_, example) => {
  expect(usApr(flowsOf(example), example.unit)).toBe(example.apr)
})

// Directive 98/7/EC, Annex II, and the same formula over days.
const europe: [string, [Day, number], UnitPeriod, [Day, number][], string][] = [
  ['one payment after a year and a half', ['1994-01-01', 1000], month, [['1995-07-01', 1200]], '12.92'],
  ['the same with 50 kept back', ['1994-01-01', 950], month, [['1995-07-01', 1200]], '16.85'],
  ['two yearly payments', ['1994-01-01', 1000], month, [['1995-01-01', 600], ['1996-01-01', 600]], '13.07'],
  [
    'three uneven payments',
    ['1994-01-01', 1000],
    month,
    [['1994-04-01', 272], ['1994-07-01', 272], ['1995-01-01', 544]],
    '13.19',
  ],
  ['five days', ['2012-10-10', 500], { days: 5 }, [['2012-10-15', 510]], '324.44'],
  ['two months, by days', ['2012-10-10', 500], { days: 30 }, [['2012-11-10', 270], ['2012-12-10', 270]], '84.63'],
] // prettier-ignore

test.each(europe)('European directive: %s', (_, advance, unit, payments, apr) => {
  expect(euApr({ advances: [flow(...advance)], payments: payments.map((one) => flow(...one)) }, unit)).toBe(apr)
})

test('credit that costs nothing has a rate of zero', () => {
  const flows = { advances: [flow('2026-01-01', 100)], payments: [flow('2026-02-01', 100)] }
  expect([usApr(flows, month), euApr(flows, month)]).toEqual(['0.00', '0.00'])
})

test('an advance in two parts is dated by both', () => {
  const twice = { advances: [flow('2026-01-01', 500), flow('2026-02-01', 500)], payments: [flow('2026-03-01', 1030)] }
  const once = { ...twice, advances: [flow('2026-01-01', 1000)] }
  expect(Number(usApr(twice, month))).toBeGreaterThan(Number(usApr(once, month)))
})
