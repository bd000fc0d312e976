import { daysBetween } from '@countinghouse/shared/calendar'
import { toWireAmount } from '@countinghouse/shared/money'
import { profitAndLoss } from '../books/domain.js'
import { sumAccounts } from '../books/store.js'
import { forecast, type Forecast } from '../forecasts/domain/forecast.js'
import { BUSINESS_READERS, count, day, money, type Report, type ReportContext } from '../reports/definition.js'
import { groupBy } from '../reports/sums.js'
import { accuracyColumns, accuracyFigures, bandChart } from './forecasting.js'
import { daysFrom } from './daily.js'

const HORIZON = 30

/** The profit of each day from the first with any to the day before today, in minor units. */
const profitByDay = async ({ reads, currency, period, tz, today }: ReportContext): Promise<number[]> => {
  const sums = await sumAccounts(reads, { currency, period, by: { days: tz } })
  const byDay = groupBy(sums, ({ group }) => group)
  const first = sums.find(({ group }) => group !== '')?.group ?? today
  return daysFrom(first, daysBetween(first, today)).map((of) => Number(profitAndLoss(byDay.get(of) ?? []).profit))
}

const predict = (values: readonly number[]): Forecast =>
  forecast(values, { season: 7, horizon: HORIZON, heldOut: 28, nonNegative: false })

export const predictions: Report = {
  name: 'predictions',
  title: 'Prediction of profit',
  summary:
    'The profit of the next 30 days, day by day, from that of the days before, with how good the method was on days held out',
  access: BUSINESS_READERS,
  cached: true,
  figures: [money('expected_profit', 'Expected profit'), money('last_30_days', 'Profit of the last 30 days'), count('known_days', 'Days known'), ...accuracyColumns], // prettier-ignore
  columns: [day('day', 'Day'), money('expected', 'Expected'), money('lower', 'At least'), money('upper', 'At most')],
  example: {
    figures: { expected_profit: 4500, last_30_days: 4200, known_days: 180, method: 'holt_winters', demand_class: 'smooth', why: 'Of 3 methods for smooth demand the one with the smallest error on the last 28 periods', mase: 0.7, wape: 0.2, bias: 12.5, naive_wape: 0.3 }, // prettier-ignore
    row: { day: '2026-11-22', expected: 150, lower: 90, upper: 210 },
  },
  compute: async (context) => {
    const values = await profitByDay(context)
    const made = predict(values)
    const days = daysFrom(context.today, HORIZON)
    const minor = (value: number) => BigInt(Math.round(value))
    const rows = made.points.map(({ expected, lower, upper }, index) => ({
      ...{ day: days[index], expected: minor(expected), lower: minor(lower), upper: minor(upper) },
    }))
    const expected_profit = rows.reduce((sum, { expected }) => sum + expected, 0n)
    const last_30_days = minor(values.slice(-30).reduce((sum, value) => sum + value, 0))
    return { figures: { expected_profit, last_30_days, known_days: values.length, ...accuracyFigures(made) }, rows }
  },
  chart: async (_, context) => {
    const major = (value: number) => toWireAmount(BigInt(Math.round(value)), context.currency)
    const values = (await profitByDay(context)).map(major)
    const head = { title: 'Profit by day, known and expected', unit: context.currency }
    return bandChart(head, { values }, predict(values), context.today)
  },
}
