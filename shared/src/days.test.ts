import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { instantsOf, isTimeZone } from './days.js'

const HOUR_MS = 3600 * 1000
const dayOf = (day: string, zone: string) => {
  const { from, before } = instantsOf({ from: day, to: day }, zone)
  return [from?.toISOString(), before?.toISOString()]
}
const lengthOf = (day: string, zone: string): number => {
  const { from, before } = instantsOf({ from: day, to: day }, zone)
  return (Number(before) - Number(from)) / HOUR_MS
}

test('a day of business begins at midnight of the business, not of Greenwich', () => {
  expect(dayOf('2026-11-21', 'Asia/Kolkata')).toEqual(['2026-11-20T18:30:00.000Z', '2026-11-21T18:30:00.000Z'])
  expect(dayOf('2026-11-21', 'UTC')).toEqual(['2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'])
  expect(dayOf('2026-11-21', 'Pacific/Kiritimati')).toEqual(['2026-11-20T10:00:00.000Z', '2026-11-21T10:00:00.000Z'])
})

test('a day has 23 hours when the clocks go forward and 25 when they go back', () => {
  expect(dayOf('2026-03-29', 'Europe/Berlin')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'])
  expect(lengthOf('2026-03-29', 'Europe/Berlin')).toBe(23)
  expect(lengthOf('2026-10-25', 'Europe/Berlin')).toBe(25)
  expect(lengthOf('2026-03-08', 'America/New_York')).toBe(23)
  expect(lengthOf('2026-11-01', 'America/New_York')).toBe(25)
  expect(lengthOf('2026-04-05', 'Australia/Lord_Howe')).toBe(24.5)
})

test('where the clocks leap over midnight the day begins at one', () => {
  expect(dayOf('2026-04-24', 'Africa/Cairo')).toEqual(['2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z'])
})

test('where midnight comes twice the day begins at the first', () => {
  expect(dayOf('2024-11-03', 'America/Havana')).toEqual(['2024-11-03T04:00:00.000Z', '2024-11-04T05:00:00.000Z'])
})

test('where the hour before midnight comes twice both belong to the old day', () => {
  expect(lengthOf('2018-02-17', 'America/Sao_Paulo')).toBe(25)
  expect(lengthOf('2018-02-18', 'America/Sao_Paulo')).toBe(24)
})

test('a day that a zone has left out is empty', () => {
  expect(lengthOf('2011-12-30', 'Pacific/Apia')).toBe(0)
  expect(lengthOf('2011-12-31', 'Pacific/Apia')).toBe(24)
})

test('an open end stays open', () => {
  expect(instantsOf({}, 'UTC')).toEqual({})
  expect(instantsOf({ to: '9999-12-31' }, 'UTC')).toEqual({ before: new Date('+010000-01-01T00:00:00.000Z') })
})

test('in every zone each instant belongs to the day that its clocks show', () => {
  const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const instants = fc.date({ min: new Date('2012-01-01'), max: new Date('2037-01-01'), noInvalidDate: true })
  const law = fc.property(zones, instants, (zone, instant) => {
    const day = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' }).format(instant)
    const { from, before } = instantsOf({ from: day, to: day }, zone)
    expect(Number(from)).toBeLessThanOrEqual(instant.getTime())
    expect(Number(before)).toBeGreaterThan(instant.getTime())
  })
  fc.assert(law, { numRuns: 300 })
})

test('a time zone is known by each of its names, and only by names', () => {
  expect(['Asia/Kolkata', 'Asia/Calcutta', 'UTC', 'Europe/Kyiv'].filter(isTimeZone)).toHaveLength(4)
  expect(['', 'Mars/Base', '+05:30', 'Asia'].filter(isTimeZone)).toEqual([])
})
