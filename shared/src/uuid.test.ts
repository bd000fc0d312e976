import { expect, test } from '@jest/globals'
import { uuidv7 } from './uuid.js'

test('ids are UUIDv7 and sort by the order in which they were made, even when the clock stands still or steps back', () => {
  const now = Date.now() + 60_000
  const ids = [now, now, now - 5_000, now + 1, ...Array<number>(10_000).fill(now)].map((ms) => uuidv7(ms))
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
