import type { Row } from '@countinghouse/shared/documents/table'
import { z } from 'zod'
import { forecast, type Forecast } from '../forecasts/domain/forecast.js'
import {
  BUSINESS_READERS,
  count,
  day,
  text,
  type Figures,
  type Report,
  type ReportContext,
} from '../reports/definition.js'
import { namesOf } from '../trade/queries.js'
import { daysFrom, demandsOf, type Demand } from './daily.js'

const SEASON = 7
const HELD_OUT = 28
const HORIZON = 28

/** Two decimals are enough for people; the same input gives the same text. */
export const rounded = (value: number): number => Math.round(value * 100) / 100

const forecastDemand = ({ values }: Demand): Forecast =>
  forecast(values, { season: SEASON, horizon: HORIZON, heldOut: HELD_OUT, nonNegative: true })

export const accuracyFigures = ({ method, demand, why, accuracy, naiveAccuracy }: Forecast) => ({
  ...{ method, demand_class: demand, why },
  ...{ mase: orNull(accuracy?.mase), wape: orNull(accuracy?.wape), bias: orNull(accuracy?.bias) },
  naive_wape: orNull(naiveAccuracy?.wape),
})

const orNull = (value: number | null | undefined): number | null =>
  value === null || value === undefined || !Number.isFinite(value) ? null : Math.round(value * 10_000) / 10_000

export const accuracyColumns = [
  ...[text('method', 'Method'), text('demand_class', 'Demand'), text('why', 'Why this method')],
  ...[
    count('mase', 'MASE'),
    count('wape', 'WAPE'),
    count('bias', 'Bias'),
    count('naive_wape', 'WAPE of the naive method'),
  ],
]

export const forecasts: Report = {
  name: 'forecasts',
  title: 'Forecast of demand',
  summary:
    'Demand for each item over the next four weeks, by the method that did best on the last four; of one item day by day',
  access: BUSINESS_READERS,
  cached: true,
  params: { item_id: z.string().min(1).max(128).optional() },
  figures: [count('items', 'Items'), count('horizon_days', 'Days ahead'), ...accuracyColumns],
  columns: [
    ...[
      text('item_id', 'Item'),
      text('item_name', 'Name'),
      day('day', 'Day'),
      count('expected', 'Expected'),
      count('lower', 'At least'),
    ],
    ...[count('upper', 'At most'), ...accuracyColumns],
  ],
  example: {
    figures: { items: 1, horizon_days: 28, method: null, demand_class: null, why: null, mase: null, wape: null, bias: null, naive_wape: null }, // prettier-ignore
    row: { item_id: 'bottle-500ml-a', item_name: 'Bottle 500 ml A', day: null, expected: 812.5, lower: 640, upper: 985, method: 'holt_winters', demand_class: 'smooth', why: 'Of 3 methods for smooth demand the one with the smallest error on the last 28 periods', mase: 0.62, wape: 0.11, bias: 0.4, naive_wape: 0.18 }, // prettier-ignore
  },
  compute: async (context) => {
    const names = await namesOf(context.reads)
    const rows: Row[] = []
    for await (const demand of demandsFor(context)) {
      const item = { item_id: demand.itemId, item_name: names.get(demand.itemId) ?? demand.itemId }
      const made = forecastDemand(demand)
      if (context.params['item_id'] !== undefined) return dayByDay(made, item, context.today)
      rows.push({ ...item, day: null, ...sumsOf(made), ...accuracyFigures(made) })
    }
    return { figures: { items: rows.length, horizon_days: HORIZON }, rows }
  },
  chart: async ({ rows }, context) => {
    const asked = context.params['item_id'] === undefined ? undefined : await demandsFor(context).next()
    if (asked?.done !== false) {
      const labels = rows.slice(0, 12).map((row) => String(row['item_id']))
      const values = rows.slice(0, 12).map((row) => Number(row['expected']))
      return { title: 'Expected demand of the next four weeks', unit: 'pieces', kind: 'bars', labels, series: [{ name: 'Expected', values }] } // prettier-ignore
    }
    const demand = asked.value
    const head = { title: `Demand for ${demand.itemId}`, unit: 'pieces' }
    return bandChart(head, demand, forecastDemand(demand), context.today)
  },
}

const demandsFor = ({ reads, tz, today, params }: ReportContext): AsyncGenerator<Demand> =>
  demandsOf(reads, { tz, today, itemId: params['item_id'] })

const dayByDay = (made: Forecast, item: Row, today: string): Figures => {
  const days = daysFrom(today, HORIZON)
  const rows = made.points.map((point, index) => ({ ...item, day: days[index], ...pointOf(point) }))
  return { figures: { items: 1, horizon_days: HORIZON, ...accuracyFigures(made) }, rows }
}

const sumsOf = ({ points }: Forecast) => {
  const sum = (key: 'expected' | 'lower' | 'upper') => rounded(points.reduce((total, point) => total + point[key], 0))
  return { expected: sum('expected'), lower: sum('lower'), upper: sum('upper') }
}

const pointOf = ({ expected, lower, upper }: Forecast['points'][number]) => ({
  ...{ expected: rounded(expected), lower: rounded(lower), upper: rounded(upper) },
})

const SHOWN_DAYS = 56

/** The last weeks as they were and the next as expected, with the interval around. */
export const bandChart = (
  head: { title: string; unit: string },
  known: Pick<Demand, 'values'>,
  made: Forecast,
  today: string,
) => {
  const past = known.values.slice(-SHOWN_DAYS)
  const gap = Array<null>(past.length).fill(null)
  const [first = today] = daysFrom(today, 1)
  const labels = [...daysBefore(today, past.length), ...daysFrom(first, made.points.length)].map((label) =>
    label.slice(5),
  )
  return {
    ...{ ...head, kind: 'line' as const, labels },
    series: [
      { name: 'Known', values: past },
      {
        name: `Expected, with 95 % (${made.method.replaceAll('_', ' ')})`,
        values: [...gap, ...made.points.map(({ expected }) => expected)],
        band: [...gap, ...made.points.map(({ lower, upper }) => ({ lower, upper }))],
      },
    ],
  }
}

const daysBefore = (today: string, count: number): string[] => {
  const days = daysFrom(new Date(Date.parse(today) - count * 86_400_000).toISOString().slice(0, 10), count)
  return days
}
