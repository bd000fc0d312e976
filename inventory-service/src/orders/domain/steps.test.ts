import { expect, test } from '@jest/globals'
import type { Order } from './order.js'
import { askAgain, lookAgain } from './steps.js'

const at = new Date('2026-03-01T10:00:00Z')
const order = { tries: 0, dueAt: at } as Order

/** How long the order waits each time when this is done with it so often. */
const gapsOf = (step: typeof askAgain, times: number): number[] => {
  const gaps: number[] = []
  for (let [tried, now] = [order, at]; gaps.length < times; now = tried.dueAt ?? at) {
    tried = step(tried, 20_000, now)
    gaps.push(Number(tried.dueAt) - now.getTime())
  }
  return gaps
}

test('an order that nobody answers for is asked about as soon after an hour as at first', () => {
  expect(new Set(gapsOf(askAgain, 180))).toEqual(new Set([20_000]))
})

test('an order whose payment or refund is under way is looked at ever more rarely', () => {
  expect(gapsOf(lookAgain, 4)).toEqual([20_000, 40_000, 80_000, 160_000])
})
