import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { accuracyOf, scaleOf } from './domain/accuracy.js'
import { classOf } from './domain/demand.js'
import { forecast, type Asked } from './domain/forecast.js'
import { holtWinters, startOf } from './domain/holtWinters.js'
import { fitIntermittent } from './domain/intermittent.js'
import { fitSeasonalNaive, smooth } from './domain/smoothing.js'

// Box and Jenkins: passengers of airlines, 1949 to 1960, in thousands a month.
const PASSENGERS = (
  '112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140 ' +
  '145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194 ' +
  '196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229 ' +
  '242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306 ' +
  '315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337 ' +
  '360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432'
)
  .split(' ')
  .map(Number)

test('exponential smoothing gives the levels of Hyndman and Athanasopoulos for Saudi oil, 1996 to 2013', () => {
  const oil = [
    445.36, 453.2, 454.41, 422.38, 456.04, 440.39, 425.19, 486.21, 500.43, 521.28, 508.95, 488.89, 509.87, 456.72,
    473.82, 525.95, 549.83, 542.34,
  ]
  expect(smooth(oil, 0.83, 446.57).expected(1)).toBeCloseTo(542.68, 1)
})

test('Holt and Winters end where R’s HoltWinters does for the passengers, from the same start and weights', () => {
  const start = startOf(PASSENGERS, 12, 'multiplicative')
  if (!start) throw new Error('There is a start')
  const weights = { alpha: 0.2755925, beta: 0.03269295, gamma: 0.8707292 }
  // R begins with the second season.
  const fitted = holtWinters(PASSENGERS.slice(12), 'multiplicative', weights, start)
  expect(fitted.parameters['level']).toBeCloseTo(469.3232, 2)
  expect(fitted.parameters['trend']).toBeCloseTo(3.0215, 3)
  expect(fitted.expected(1)).toBeCloseTo((469.3232206 + 3.0215391) * 0.9464611, 1)
  expect(fitted.expected(7)).toBeCloseTo((469.3232206 + 7 * 3.0215391) * 1.3590778, 1)
})

test('Syntetos and Boylan: size and gap are smoothed at each demand, and their ratio is lowered by half the weight', () => {
  const fitted = fitIntermittent([0, 0, 6, 0, 3, null, 0, 0, 0, 9], undefined, 0.2)
  // sizes 6 → 5.4 → 6.12; gaps 3 → 2.8 → 3.04, as the unknown day counts in no gap
  expect(fitted?.parameters).toEqual({ alpha: 0.2, size: expect.closeTo(6.12), gap: expect.closeTo(3.04) })
  expect(fitted?.expected(1)).toBeCloseTo((0.9 * 6.12) / 3.04)
  expect(fitIntermittent([0, 0, 0])).toBeUndefined()
})

test('the seasonal naive method repeats the last season, and where a day is unknown, the one before', () => {
  const fitted = fitSeasonalNaive([1, 2, 3, 4, null, 6], 3)
  expect([1, 2, 3, 4].map(fitted.expected)).toEqual([4, 2, 6, 4])
  expect([1, 3, 4].map(fitted.variance)).toEqual([1, 1, 2])
})

test('demand is classed by its gaps and by how much its sizes differ', () => {
  const days = (pattern: number[]) => Array.from({ length: 60 }, (_, day) => pattern[day % pattern.length] ?? 0)
  expect(classOf(days([10, 11, 9]))).toBe('smooth')
  expect(classOf(days([1, 40, 2]))).toBe('erratic')
  expect(classOf(days([10, 0, 0, 11]))).toBe('intermittent')
  expect(classOf(days([1, 0, 0, 40, 0, 2]))).toBe('lumpy')
  expect(classOf(days([0]))).toBe('none')
  expect(classOf([null, 5, null, null, 6, 5])).toBe('smooth')
})

test('accuracy: distances by those of the naive method, by the values, and which way they lean', () => {
  const scale = scaleOf([1, 2, 3, 5], 2)
  expect(scale).toBe(2.5)
  const measured = accuracyOf([10, null, 20], (ahead) => [12, 0, 19][ahead - 1] ?? 0, scale)
  expect(measured).toEqual({ meanError: 1.5, mase: 0.6, wape: 0.1, bias: 1 / 30 })
  expect(accuracyOf([0, 0], () => 1, null)).toEqual({ meanError: 1, mase: null, wape: null, bias: null })
})

const asked: Asked = { season: 7, horizon: 14, heldOut: 28, nonNegative: true }

test('a week that grows is forecast by its trend and season, better than by repeating it', () => {
  const days = Array.from({ length: 140 }, (_, day) => 100 + day + ([0, 5, 10, 20, 30, 60, 80][day % 7] ?? 0))
  const { method, accuracy, naiveAccuracy, points } = forecast(days, asked)
  expect(method).toBe('holt_winters')
  expect(accuracy?.mase).toBeLessThan(naiveAccuracy?.mase ?? 0)
  expect(points[0]?.expected).toBeCloseTo(240, 0)
  expect(points[6]?.expected).toBeCloseTo(326, 0)
})

test('a method that does not beat the repetition of last week is not used', () => {
  const days = Array.from({ length: 140 }, (_, day) => [3, 0, 0, 9, 0, 0, 0][day % 7] ?? 0)
  expect(forecast(days, asked)).toMatchObject({
    method: 'seasonal_naive',
    demand: 'intermittent',
    accuracy: { wape: 0 },
  })
})

test('days without stock are unknown, not empty: they do not lower what is expected', () => {
  const full = Array.from({ length: 120 }, (_, day) => 20 + (day % 3))
  const outOfStock = full.map((value, day) => (day % 7 === 2 ? null : value))
  const emptied = full.map((value, day) => (day % 7 === 2 ? 0 : value))
  const mean = (series: (number | null)[]) =>
    forecast(series, asked).points.reduce((sum, { expected }) => sum + expected, 0) / asked.horizon
  expect(mean(outOfStock)).toBeCloseTo(21, 0)
  expect(mean(emptied)).toBeLessThan(20)
})

test('too few days: last week again, and no accuracy is claimed', () => {
  const { method, accuracy, why } = forecast([1, 2, 3, 4, 5, 6, 7, 8], asked)
  expect({ method, accuracy }).toEqual({ method: 'seasonal_naive', accuracy: null })
  expect(why).toMatch(/Fewer than 14 known periods/)
})

test('law: whatever the past, a forecast is the same twice, finite, never below zero, and within its band, which never narrows', () => {
  const value = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: null, freq: 8 })
  fc.assert(
    fc.property(fc.array(value, { maxLength: 90 }), (series) => {
      const made = forecast(series, asked)
      expect(forecast(series, asked)).toEqual(made)
      const widths = made.points.map(({ expected, upper, lower }) => {
        expect(lower <= expected && expected <= upper && lower >= 0 && Number.isFinite(upper)).toBe(true)
        return upper - expected
      })
      expect(widths.every((width, index) => width >= (widths[index - 1] ?? 0) - 1e-9)).toBe(true)
    }),
    { numRuns: 60 },
  )
})
