import { expect, test } from '@jest/globals'
import { countVariance, lowYield, medianOf, modifiedZ, oddHours, priceJump, unusualValues } from './domain.js'

const at = new Date('2026-11-21T09:30:00Z')

test('the modified z of Iglewicz and Hoaglin: one far value does not hide itself in the spread it makes', () => {
  // Their example: 2.1 2.6 2.4 2.5 2.3 2.1 2.3 2.6 8.2 8.3, of which the last two are outliers.
  const scores = modifiedZ([2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3])
  expect(scores.map((score) => Math.abs(score) > 3.5)).toEqual([...Array<boolean>(8).fill(false), true, true])
  expect(scores[8]).toBeCloseTo((8.2 - 2.45) / (medianOf([0.35, 0.15, 0.05, 0.05, 0.15, 0.35, 0.15, 0.15, 5.75, 5.85]) / 0.6745)) // prettier-ignore
})

test('where most values are alike the mean of the distances is the measure, and where all are, nothing is unusual', () => {
  const scores = modifiedZ([...Array<number>(20).fill(5), 30])
  expect(scores.at(-1)).toBeGreaterThan(3.5)
  expect(scores[0]).toBe(0)
  expect(modifiedZ([5, 5, 5])).toEqual([0, 0, 0])
  expect(modifiedZ([])).toEqual([])
})

test('a Sunday is compared with Sundays: what is usual then is unusual on a Monday', () => {
  const days = Array.from({ length: 56 }, (_, day) => ({
    at: new Date(Date.UTC(2026, 8, 28 + day)),
    value: (day % 7 === 6 ? 300 : 100) + (day % 5),
  }))
  expect(unusualValues('bottle', days, 7)).toEqual([])
  const spoilt = days.with(35, { at, value: 300 })
  expect(unusualValues('bottle', spoilt, 7)).toEqual([
    { kind: 'unusual_value', subject: 'bottle', at, why: expect.stringMatching(/^300 where 10\d(\.5)? is the median/) },
  ])
  expect(unusualValues('bottle', spoilt.slice(0, 20), 7)).toEqual([])
})

test('rules say why: price, yield, count, hours; and are silent at their border', () => {
  const price = (priceMinor: bigint) => priceJump({ itemId: 'cap', at, priceMinor, beforeMinor: 200n }, 20)
  expect([price(240n), price(241n)?.why, price(150n)?.why]).toEqual([
    undefined,
    'The price went up by 20.5 %, more than 20 % at once',
    'The price went down by 25 %, more than 20 % at once',
  ])
  const blow = (output: number) => lowYield({ blowId: 'b', at, input: 1000, output }, 95)
  expect([blow(950), blow(900)?.why]).toEqual([
    undefined,
    '900 good of 1000: a yield of 90 %, below the standard of 95 %',
  ])
  const count = (expected: number, counted: number) => countVariance({ itemId: 'cap', at, expected, counted }, 5)
  expect([count(100, 95), count(100, 106)?.why, count(0, 1)?.why]).toEqual([
    undefined,
    '106 counted where 100 were expected, more than 5 % off',
    '1 counted where 0 were expected, more than 5 % off',
  ])
  const change = (hour: number) => oddHours({ document: 'SO-1', actor: 'user:7', at, hour }, { opens: 7, closes: 20 })
  expect([change(7), change(20)?.why]).toEqual([undefined, "user:7 changed it at 20 o'clock, outside 7 to 20"])
})
