import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Rule } from './domain.js'
import { createWindows } from './windows.js'

const rule = (quota: number, windowMs: number, key = 'ann'): Rule => ({
  policy: { name: 'test', quota, windowMs },
  key,
})

test('in no stretch of the window is more taken than the quota, and no less than it allows', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (pauses, quota) => {
      const windows = createWindows()
      const taken: number[] = []
      let nowMs = 0
      for (const pause of pauses) {
        nowMs += pause
        const before = taken.filter((time) => time > nowMs - 1_000).length
        const { refusedBy } = windows.take([rule(quota, 1_000)], nowMs)
        expect(refusedBy === undefined).toBe(before < quota)
        if (!refusedBy) taken.push(nowMs)
      }
    }),
  )
})

test('who is refused is told when to come again, and may then', () => {
  const windows = createWindows()
  windows.take([rule(2, 1_000)], 100)
  windows.take([rule(2, 1_000)], 400)
  const { refusedBy } = windows.take([rule(2, 1_000)], 500)
  expect(refusedBy?.resetMs).toBe(600)
  expect(windows.take([rule(2, 1_000)], 1_099).refusedBy).toBeDefined()
  expect(windows.take([rule(2, 1_000)], 1_100).refusedBy).toBeUndefined()
})

test('a request that one rule refuses counts for none', () => {
  const windows = createWindows()
  const [narrow, wide] = [rule(1, 1_000, 'narrow'), rule(3, 1_000, 'wide')]
  for (let time = 0; time < 5; time += 1) windows.take([narrow, wide], time)
  expect(windows.take([wide], 10).standings[0]?.remaining).toBe(1)
})

test('the memory is bounded, and forgets who came first', () => {
  const windows = createWindows(2)
  for (const key of ['ann', 'bob', 'cid']) windows.take([rule(1, 1_000, key)], 0)
  expect(windows.take([rule(1, 1_000, 'cid')], 1).refusedBy).toBeDefined()
  expect(windows.take([rule(1, 1_000, 'ann')], 1).refusedBy).toBeUndefined()
})
