import { expect, test } from '@jest/globals'
import { lastTwoInTheMorning } from './nightly.js'

test.each([
  ['2026-11-21T09:30:00Z', 'Asia/Kolkata', '2026-11-20T20:30:00.000Z'],
  ['2026-11-20T20:29:00Z', 'Asia/Kolkata', '2026-11-19T20:30:00.000Z'],
  ['2026-11-20T20:30:00Z', 'Asia/Kolkata', '2026-11-20T20:30:00.000Z'],
  ['2026-11-21T01:00:00Z', 'America/New_York', '2026-11-20T07:00:00.000Z'],
])('at %s in %s the books were last due at %s', (now, zone, due) => {
  expect(lastTwoInTheMorning(new Date(now), zone).toISOString()).toBe(due)
})
