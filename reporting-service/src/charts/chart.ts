import { rectangle, type Drawing, type Point, type Shape } from '@countinghouse/shared/documents/drawing'
import { scaleFor, shortNumber, type Scale } from './scale.js'

type Band = { readonly lower: number; readonly upper: number } | null

/** Numbers over periods or groups, of which a picture is made. */
export type Chart = {
  readonly title: string
  /** What the numbers are: USD, pieces, loans. */
  readonly unit: string
  readonly kind: 'line' | 'bars' | 'stacked'
  readonly labels: readonly string[]
  readonly series: readonly Series[]
}

export type Series = {
  readonly name: string
  readonly values: readonly (number | null)[]
  /** The interval around each value, of a forecast. */
  readonly band?: readonly Band[]
}

/** So many series can be told apart. */
export const SERIES_MAX = 6

// They differ in lightness too, so that they can be told apart in black.
const TONES = ['#1f4e79', '#c55a11', '#548235', '#7f7f7f', '#7030a0', '#bf9000']
const INK = '#222222'
const FAINT = '#d0d0d0'
const [WIDTH, HEIGHT] = [720, 360]
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 20, 62, 44]
const INNER = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM }
const LABELS_MAX = 12
const DASHES: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2], [1, 2]]
const HATCHES = [0, 5, 9, 0, 14, 3]
const FILLS = [0.9, 0.45, 0.45, 0.08, 0.45, 0.45]

/** Lays a chart out: axes with ticks and unit, grid, legend. Series differ in dashes or hatching, not in colour alone. */
export const layOut = (chart: Chart): Drawing => {
  const scale = scaleFor(reachOf(chart))
  const shapes: Shape[] = [
    { ...text([LEFT, 20], chart.title, 'start', 13), bold: true },
    ...legend(chart),
    ...verticalAxis(chart, scale),
    ...horizontalAxis(chart),
    ...(chart.kind === 'line' ? lines(chart, scale) : bars(chart, scale)),
  ]
  if (chart.labels.length === 0)
    shapes.push(text([LEFT + INNER.width / 2, TOP + INNER.height / 2], 'No data', 'middle', 12))
  return { width: WIDTH, height: HEIGHT, description: chart.title, shapes }
}

const reachOf = ({ kind, labels, series }: Chart): number[] => {
  if (kind !== 'stacked')
    return series.flatMap(({ values, band = [] }) => [
      ...values.filter((value) => value !== null),
      ...band.flatMap((within) => (within ? [within.lower, within.upper] : [])),
    ])
  return labels.flatMap((_, index) => {
    const parts = series.map(({ values }) => values[index] ?? 0)
    return [sumOf(parts.filter((part) => part > 0)), sumOf(parts.filter((part) => part < 0))]
  })
}

const line = (points: readonly Point[], stroke = INK, strokeWidth = 1, dash: readonly number[] = []): Shape => ({
  ...{ kind: 'path', points, stroke, strokeWidth },
  ...(dash.length > 0 && { dash }),
})

const area = (points: readonly Point[], fill: string, opacity: number): Shape & { kind: 'path' } => ({
  ...{ kind: 'path', points, closed: true, fill, opacity },
})

type Anchor = 'start' | 'middle' | 'end'
const text = (at: Point, words: string, anchor: Anchor = 'start', size = 9): Shape & { kind: 'text' } => ({
  ...{ kind: 'text', at, text: words, anchor, size },
})

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
const heightAt = (scale: Scale, value: number): number => TOP + INNER.height * (1 - scale.place(value))
const slotOf = ({ labels }: Chart): number => INNER.width / Math.max(labels.length, 1)
const middleOf = (chart: Chart, index: number): number => LEFT + slotOf(chart) * (index + 0.5)
const toneOf = (index: number): string => TONES[index % TONES.length] ?? INK

const verticalAxis = ({ unit }: Chart, scale: Scale): Shape[] => [
  text([LEFT - 8, TOP - 10], unit, 'end'),
  ...scale.ticks.flatMap((tick) => {
    const y = heightAt(scale, tick)
    const across: Point[] = [[LEFT, y], [LEFT + INNER.width, y]] // prettier-ignore
    return [line(across, tick === 0 ? INK : FAINT), text([LEFT - 8, y + 3], shortNumber(tick), 'end')]
  }),
]

/** Of periods as many are named as fit; groups are all named, in two rows where they are long. */
const horizontalAxis = (chart: Chart): Shape[] => {
  const { labels, kind } = chart
  const [slot, widest] = [slotOf(chart), Math.max(0, ...labels.map(({ length }) => length)) * LETTER + 8]
  const few = Math.ceil(labels.length / LABELS_MAX)
  const every = kind === 'line' ? Math.max(few, Math.ceil(widest / slot)) : few
  const rows = widest > slot * every ? 2 : 1
  return labels.flatMap((label, index) => {
    if (index % every !== 0) return []
    const [x, foot, row] = [middleOf(chart, index), TOP + INNER.height, (index / every) % rows]
    const words = shortened(label, Math.min(slot * every * rows, 2 * x, 2 * (WIDTH - x)) - 4)
    return [line([[x, foot], [x, foot + 4 + row * 11]]), text([x, foot + 16 + row * 11], words, 'middle')] // prettier-ignore
  })
}

const legend = ({ kind, series }: Chart): Shape[] => {
  const across = Math.max(2, series.length > 3 ? Math.ceil(series.length / 2) : series.length)
  const width = INNER.width / across
  return series.flatMap(({ name }, index) => {
    const [x, y] = [LEFT + (index % across) * width, 35 + Math.floor(index / across) * 14]
    const sample =
      kind === 'line'
        ? [line([[x, y], [x + 22, y]], toneOf(index), 2, dashOf(index))] // prettier-ignore
        : box({ x, y: y - 5, width: 22, height: 10 }, index)
    return [...sample, text([x + 28, y + 3], shortened(name, width - 34))]
  })
}

// As wide as most letters are, in points.
const LETTER = 5.2

const shortened = (name: string, width: number): string => {
  const fits = Math.max(Math.floor(width / LETTER), 3)
  return name.length <= fits ? name : `${name.slice(0, fits - 1)}…`
}

const dashOf = (index: number): readonly number[] => DASHES[index % DASHES.length] ?? []

const lines = (chart: Chart, scale: Scale): Shape[] =>
  chart.series.flatMap(({ values, band = [] }, index) => {
    const at = (value: number, place: number): Point => [middleOf(chart, place), heightAt(scale, value)]
    const within = band.flatMap((limits, place) => (limits ? [{ place, ...limits }] : []))
    const outline = [
      ...within.map(({ upper, place }) => at(upper, place)),
      ...within.toReversed().map(({ lower, place }) => at(lower, place)),
    ]
    return [
      ...(outline.length > 0 ? [area(outline, toneOf(index), 0.18)] : []),
      ...stretchesOf(values, Math.min(0.2, 8 / slotOf(chart))).map(
        (stretch) =>
        line(stretch.map(({ value, place }) => at(value, place)), toneOf(index), 2, dashOf(index)), // prettier-ignore
      ),
    ]
  })

type Placed = { value: number; place: number }

/** A line breaks where there is no value; a value alone is drawn as a short dash. */
const stretchesOf = (values: readonly (number | null)[], half: number): Placed[][] => {
  const stretches: Placed[][] = []
  for (const [place, value] of values.entries()) {
    if (value === null) continue
    const last = stretches.at(-1)
    if (last?.at(-1)?.place === place - 1) last.push({ value, place })
    else stretches.push([{ value, place }])
  }
  return stretches.map((stretch) => {
    const [only] = stretch
    if (!only || stretch.length > 1) return stretch
    return [{ ...only, place: only.place - half }, { ...only, place: only.place + half }] // prettier-ignore
  })
}

const bars = (chart: Chart, scale: Scale): Shape[] => {
  const { kind, labels, series } = chart
  const slot = slotOf(chart) * 0.8
  const width = kind === 'stacked' ? slot : slot / Math.max(series.length, 1)
  return labels.flatMap((_, place) => {
    let [above, below] = [0, 0]
    const left = middleOf(chart, place) - slot / 2
    return series.flatMap(({ values }, index) => {
      const value = values[place] ?? 0
      const from = kind !== 'stacked' ? 0 : value >= 0 ? above : below
      if (value >= 0) above += value
      else below += value
      const [top, foot] = [heightAt(scale, Math.max(from, from + value)), heightAt(scale, Math.min(from, from + value))]
      const x = kind === 'stacked' ? left : left + index * width
      return value === 0 ? [] : box({ x, y: top, width: width * 0.94, height: foot - top }, index)
    })
  })
}

type Box = { x: number; y: number; width: number; height: number }

/** A bar of the series, filled and hatched in a way of its own. */
const box = (place: Box, index: number): Shape[] => {
  const corners = rectangle([place.x, place.y], place.width, place.height)
  return [
    { ...area(corners, toneOf(index), FILLS[index % FILLS.length] ?? 1), stroke: toneOf(index) },
    ...hatching(place, HATCHES[index % HATCHES.length] ?? 0, index).map((stroke) => line(stroke, INK, 0.6)),
  ]
}

// Slanted strokes, up for every second series and down for the others, cut at the sides of the box.
const hatching = ({ x, y, width, height }: Box, gap: number, index: number): Point[][] => {
  if (gap === 0) return []
  const strokes: Point[][] = []
  for (let offset = gap; offset < width + height; offset += gap) {
    const from: Point = [x + Math.min(offset, width), y + Math.max(offset - width, 0)]
    const to: Point = [x + Math.max(offset - height, 0), y + Math.min(offset, height)]
    const stroke = [from, to]
    strokes.push(index % 2 === 1 ? stroke : stroke.map(([at, down]): Point => [2 * x + width - at, down]))
  }
  return strokes
}
