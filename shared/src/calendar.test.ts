import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addDays, addMonths, createCalendar, daysBetween, isDay, isTimeOfDay } from './calendar.js'

const india = createCalendar({ zone: 'Asia/Kolkata', holidays: ['2026-11-23'] })
const newYork = createCalendar({ zone: 'America/New_York' })
const saoPaulo = createCalendar({ zone: 'America/Sao_Paulo' })

describe('the business day', () => {
  test('of an instant is that of the clocks of the zone', () => {
    expect(india.dayOf(new Date('2026-11-20T18:29:59Z'))).toBe('2026-11-20')
    expect(india.dayOf(new Date('2026-11-20T18:30:00Z'))).toBe('2026-11-21')
    expect(newYork.dayOf(new Date('2026-03-08T04:59:59Z'))).toBe('2026-03-07')
  })

  test('begins at midnight, on days of 23 and 25 hours as well, or later where the clocks leap over that', () => {
    expect(india.startOf('2026-11-21').toISOString()).toBe('2026-11-20T18:30:00.000Z')
    expect(newYork.startOf('2026-03-09').toISOString()).toBe('2026-03-09T04:00:00.000Z')
    expect(newYork.startOf('2026-11-02').toISOString()).toBe('2026-11-02T05:00:00.000Z')
    expect(saoPaulo.startOf('2018-11-04').toISOString()).toBe('2018-11-04T03:00:00.000Z')
  })

  test('holds every instant from its begin to the begin of the next', () => {
    const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    for (const calendar of [india, newYork, saoPaulo])
      fc.assert(
        fc.property(instant, (at) => {
          const day = calendar.dayOf(at)
          expect(calendar.startOf(day) <= at && at < calendar.startOf(addDays(day, 1))).toBe(true)
        }),
        { numRuns: 60 },
      )
  })
})

describe('a time of day', () => {
  test.each([
    [india, '2026-11-21', '02:00', '2026-11-20T20:30:00.000Z'],
    [newYork, '2026-06-01', '02:00', '2026-06-01T06:00:00.000Z'],
    [newYork, '2026-03-08', '09:00', '2026-03-08T13:00:00.000Z'],
    [newYork, '2026-11-01', '09:00', '2026-11-01T14:00:00.000Z'],
    [newYork, '2026-03-08', '01:59', '2026-03-08T06:59:00.000Z'],
  ])('is what the clocks show', (calendar, day, time, instant) => {
    expect(calendar.at(day, time).toISOString()).toBe(instant)
  })

  test('that the clocks leap over comes when it would have been, and one that comes twice comes first', () => {
    expect(newYork.at('2026-03-08', '02:30').toISOString()).toBe('2026-03-08T07:30:00.000Z')
    expect(newYork.at('2026-11-01', '01:30').toISOString()).toBe('2026-11-01T05:30:00.000Z')
  })
})

describe('working days', () => {
  test('leave out the weekend and the holidays', () => {
    expect(['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'].map(india.isWorkingDay)).toEqual([true, false, false, false]) // prettier-ignore
    expect(india.workingDayFrom('2026-11-21')).toBe('2026-11-24')
    expect(india.workingDayFrom('2026-11-20')).toBe('2026-11-20')
    expect(india.addWorkingDays('2026-11-20', 0)).toBe('2026-11-20')
    expect(india.addWorkingDays('2026-11-20', 3)).toBe('2026-11-26')
  })

  test('are what the business says: another week has another weekend', () => {
    const gulf = createCalendar({ zone: 'Asia/Riyadh', weekend: [5, 6] })
    expect(gulf.workingDayFrom('2026-11-20')).toBe('2026-11-22')
    expect(() => createCalendar({ zone: 'UTC', weekend: [0, 1, 2, 3, 4, 5, 6] })).toThrow('without a working day')
  })
})

test.each([
  ['2026-01-31', 1, '2026-02-28'],
  ['2028-01-31', 1, '2028-02-29'],
  ['2026-01-31', 3, '2026-04-30'],
  ['2026-11-21', 14, '2028-01-21'],
  ['2026-03-31', -1, '2026-02-28'],
])('%s and %i months is %s', (day, months, expected) => {
  expect(addMonths(day, months)).toBe(expected)
})

test('days and times are what calendars and clocks show, and nothing else', () => {
  expect(['2026-02-28', '2028-02-29'].every(isDay)).toBe(true)
  expect(['2026-02-29', '2026-2-28', '2026-13-01', 'today', '2026-02-28T00:00Z'].some(isDay)).toBe(false)
  expect(['00:00', '02:00', '23:59'].every(isTimeOfDay)).toBe(true)
  expect(['24:00', '2:00', '02:60', '02:00:00'].some(isTimeOfDay)).toBe(false)
  expect(() => addDays('2026-02-30', 1)).toThrow('Not a day')
  expect(daysBetween('2026-03-07', '2026-03-09')).toBe(2)
})
