import { expect, test } from '@jest/globals'
import { toPeriod } from './period.js'

test('a period lasts from the first instant of its first day to the last of its last', () => {
  expect(toPeriod({ from: '2026-03-01', to: '2026-03-31', tz: 'Europe/Berlin' })).toEqual({
    from: new Date('2026-02-28T23:00:00.000Z'),
    before: new Date('2026-03-31T22:00:00.000Z'),
  })
})

test('either end may be open', () => {
  expect(toPeriod({ tz: 'UTC' })).toEqual({})
  expect(toPeriod({ from: '2026-03-01', tz: 'UTC' })).toEqual({ from: new Date('2026-03-01T00:00:00.000Z') })
})

test('a period that ends before it begins is refused, one of a single day is not', () => {
  expect(() => toPeriod({ from: '2026-03-02', to: '2026-03-01', tz: 'UTC' })).toThrow('does not fit the schema')
  expect(() => toPeriod({ from: '2026-03-01', to: '2026-03-01', tz: 'UTC' })).not.toThrow()
})
