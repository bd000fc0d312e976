import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { dayInMonth, firstOfYear, partsOfDay, toDay, toDayNumber } from './days.js'

test('days, months and years are those of the calendar', () => {
  fc.assert(
    fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
      const [year = 0, month = 0, dayOfMonth = 0] = new Date(day * 86_400_000).toISOString().split(/[-T]/).map(Number)
      expect(partsOfDay(day)).toEqual({ year, month: year * 12 + month - 1, dayOfMonth })
      expect(dayInMonth(year * 12 + month - 1, dayOfMonth)).toBe(day)
      expect(toDayNumber(toDay(day))).toBe(day)
      expect(firstOfYear(year)).toBe(Date.UTC(year, 0, 1) / 86_400_000)
    }),
    { numRuns: 300 },
  )
})

test.each([
  ['2024-02', '2024-02-29'],
  ['2026-02', '2026-02-28'],
  ['2026-04', '2026-04-30'],
  ['2026-12', '2026-12-31'],
])('the 31st of %s is %s', (month, day) => {
  const [year = 0, number = 0] = month.split('-').map(Number)
  expect(toDay(dayInMonth(year * 12 + number - 1, 31))).toBe(day)
})
