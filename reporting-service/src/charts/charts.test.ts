import { expect, test } from '@jest/globals'
import { toSvg } from '@countinghouse/shared/documents/drawing'
import fc from 'fast-check'
import { layOut, type Chart } from './chart.js'
import { scaleFor, shortNumber } from './scale.js'

const ageing: Chart = {
  title: 'Receivables by age',
  unit: 'USD',
  kind: 'stacked',
  labels: ['Sep', 'Oct', 'Nov'],
  series: [
    { name: 'not due', values: [12_000, 15_500, 14_000] },
    { name: '1 to 30 days', values: [4000, 3000, 6000] },
    { name: 'over 30 days', values: [500, 900, 0] },
  ],
}

test('ticks are round, hold every value and zero, and are said shortly', () => {
  expect(scaleFor([3, 97]).ticks).toEqual([0, 20, 40, 60, 80, 100])
  expect(scaleFor([-4, 11]).ticks).toEqual([-5, 0, 5, 10, 15])
  expect(scaleFor([]).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect([0, 999, 9_500, 12_500, 3_200_000, -2e9, 0.6].map(shortNumber)).toEqual([
    ...['0', '999', '9500', '12.5k', '3.2M', '-2B', '0.6'],
  ])
})

test('a chart names its unit, ticks, labels and series, and no two series look alike in black', () => {
  const svg = toSvg(layOut(ageing))
  for (const words of ['Receivables by age', 'USD', 'not due', '1 to 30 days', 'over 30 days', 'Oct', '20k'])
    expect(svg).toContain(`>${words}<`)
  const strokes = (index: number) => {
    const only = { ...ageing, series: ageing.series.map((one, at) => (at === index ? one : { ...one, values: [] })) }
    return layOut(only).shapes.length
  }
  expect(new Set([strokes(0), strokes(1), strokes(2)]).size).toBe(3)
})

test('labels do not run into one another, and a legend of six names is read whole', () => {
  const names = ['cost of goods sold', 'production costs', 'stock variance', 'loan write offs', 'provider fees', '3 others'] // prettier-ignore
  const items = Array.from({ length: 10 }, (_, index) => `bottle-${index * 250}ml-amber`)
  const days = Array.from({ length: 90 }, (_, index) => `2026-08-${index}`)
  for (const [kind, labels] of [
    ['stacked', items],
    ['bars', items],
    ['line', days],
  ] as const) {
    const { shapes } = layOut({ ...ageing, kind, labels, series: names.map((name) => ({ name, values: [1, 2] })) })
    const words = shapes.flatMap((shape) => (shape.kind === 'text' ? [shape] : []))
    const below = words.filter(({ at: [, y] }) => y > 330)
    const ends = below.map(({ at: [x, y], text }) => ({ y, from: x - text.length * 2.5, to: x + text.length * 2.5 }))
    const clash = ends.some((one, at) => ends.some((other, place) => place > at && other.y === one.y && other.from < one.to)) // prettier-ignore
    expect([kind, clash, below.length > 5]).toEqual([kind, false, true])
    for (const name of names) expect(words.some(({ text }) => text === name)).toBe(true)
  }
})

test('names of others cannot break out of the picture', () => {
  const svg = toSvg(layOut({ ...ageing, title: '<script>"&', labels: ['a<b'] }))
  expect(svg).toContain('&lt;script&gt;&quot;&amp;')
  expect(svg).not.toMatch(/<script|a<b/)
})

test('law: whatever the values, everything is drawn inside the frame', () => {
  const value = fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { nil: null })
  const series = fc.record({ name: fc.string({ maxLength: 60 }), values: fc.array(value, { maxLength: 40 }) })
  const kind = fc.constantFrom('line' as const, 'bars' as const, 'stacked' as const)
  fc.assert(
    fc.property(kind, fc.array(series, { minLength: 1, maxLength: 6 }), (how, several) => {
      const labels = Array.from({ length: Math.max(...several.map(({ values }) => values.length)) }, (_, at) => `${at}`)
      const { width, height, shapes } = layOut({ title: 't', unit: 'u', kind: how, labels, series: several })
      const points = shapes.flatMap((shape) => (shape.kind === 'path' ? shape.points : [shape.at]))
      expect(points.every(([x, y]) => x >= 0 && x <= width && y >= 0 && y <= height)).toBe(true)
    }),
  )
})
