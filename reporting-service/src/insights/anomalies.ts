import { addDays, daysBetween } from '@countinghouse/shared/calendar'
import { toClock } from '@countinghouse/shared/days'
import { toWireAmount } from '@countinghouse/shared/money'
import { countVariance, lowYield, oddHours, priceJump, unusualValues, type Anomaly } from '../anomalies/domain.js'
import { BUSINESS_READERS, count, text, time, type Report, type ReportContext } from '../reports/definition.js'
import { inDays } from '../reports/sums.js'
import type { Bill } from '../trade/domain.js'
import { standing, sumBills } from '../trade/queries.js'
import { bills, blows, counts } from '../trade/store.js'
import { daysFrom, demandsOf } from './daily.js'

const SEASON = 7
const PRICE_PERCENT = 25
const YIELD_PERCENT = 95
const COUNT_PERCENT = 5
const HOURS = { opens: 6, closes: 22 }

export const anomalies: Report = {
  name: 'anomalies',
  title: 'What is not as usual',
  summary: 'Days, prices, yields, counts and hours that differ from what is usual, each with the reason',
  access: BUSINESS_READERS,
  cached: true,
  figures: [count('anomalies', 'Found'), ...['unusual_value', 'price_jump', 'low_yield', 'count_variance', 'odd_hours'].map((kind) => count(kind, kind.replaceAll('_', ' ')))], // prettier-ignore
  columns: [time('at', 'At'), text('kind', 'Kind'), text('subject', 'About'), text('why', 'Why')],
  example: {
    figures: { anomalies: 1, unusual_value: 0, price_jump: 1, low_yield: 0, count_variance: 0, odd_hours: 0 },
    row: { at: '2026-11-20T10:00:00.000Z', kind: 'price_jump', subject: 'bottle-500ml-a', why: 'The price went up by 40.0 %, more than 25 % at once' }, // prettier-ignore
  },
  compute: async (context) => {
    const found = [
      ...[...(await unusualDays(context)), ...(await oddBills(context))],
      ...[...(await poorRuns(context)), ...(await wrongCounts(context))],
    ]
    const rows = found.toSorted(
      (one, other) => other.at.getTime() - one.at.getTime() || (one.subject < other.subject ? -1 : 1),
    )
    const of = (kind: Anomaly['kind']) => rows.filter((row) => row.kind === kind).length
    const figures = {
      ...{ anomalies: rows.length, unusual_value: of('unusual_value'), price_jump: of('price_jump') },
      ...{ low_yield: of('low_yield'), count_variance: of('count_variance'), odd_hours: of('odd_hours') },
    }
    return { figures, rows }
  },
}

const instant = (day: string): Date => new Date(`${day}T12:00:00.000Z`)

const unusualDays = async (context: ReportContext): Promise<Anomaly[]> => {
  const { reads, tz, today, currency, from = '', to = today } = context
  const sold = new Map(
    (await sumBills(context, 'sale', '$day')).map(({ _id, net }) => [_id, toWireAmount(net, currency)]),
  )
  const [first] = [...sold.keys()]
  const days = first === undefined ? [] : daysFrom(first, daysBetween(first, today))
  const revenue = unusualValues('revenue', days.map((day) => ({ at: instant(day), value: sold.get(day) ?? 0 })), SEASON) // prettier-ignore
  const isAsked = ({ at }: Anomaly) => at.toISOString().slice(0, 10) >= from && at.toISOString().slice(0, 10) <= to
  const found = revenue.filter(isAsked)
  for await (const { itemId, first: begin, values } of demandsOf(reads, { tz, today, itemId: undefined })) {
    const known = values.flatMap((value, index) =>
      value === null ? [] : [{ at: instant(addDays(begin, index)), value }],
    )
    found.push(...unusualValues(`demand for ${itemId}`, known, SEASON).filter(isAsked))
  }
  return found
}

const oddBills = async (context: ReportContext): Promise<Anomaly[]> => {
  const [clock, jumpsOf] = [toClock(context.tz), followPrices()]
  const billsOf = (kind: 'sale' | 'purchase') =>
    collect(context.reads.stream(bills, standing(kind, context), { sort: { madeAt: 1, _id: 1 } }), (bill) => {
      const { number, createdBy: actor, madeAt: at } = bill
      const hour = Number(clock(at).slice(11, 13))
      return [oddHours({ document: `${kind} ${number}`, actor, at, hour }, HOURS), ...jumpsOf(bill)]
    })
  return [...(await billsOf('sale')), ...(await billsOf('purchase'))]
}

/** What is found in a stream; the rest of it is not kept. */
const collect = async <Item>(
  stream: AsyncIterable<Item>,
  anomaliesOf: (item: Item) => (Anomaly | undefined)[],
): Promise<Anomaly[]> => {
  const found: Anomaly[] = []
  for await (const item of stream) found.push(...anomaliesOf(item).filter((one) => one !== undefined))
  return found
}

/** Compares each price with the one before it, bill by bill in their order. */
const followPrices = () => {
  const before = new Map<string, bigint>()
  return ({ kind, lines, madeAt }: Bill): (Anomaly | undefined)[] =>
    lines.map(({ itemId, unitPriceMinor }) => {
      const [key, priceMinor] = [`${kind} ${itemId}`, BigInt(unitPriceMinor)]
      const beforeMinor = before.get(key)
      before.set(key, priceMinor)
      return beforeMinor === undefined
        ? undefined
        : priceJump({ itemId, at: madeAt, priceMinor, beforeMinor }, PRICE_PERCENT)
    })
}

const poorRuns = ({ reads, currency, ...asked }: ReportContext): Promise<Anomaly[]> =>
  collect(reads.stream(blows, { reversed: false, currency, ...inDays(asked) }), (run) => [
    lowYield({ blowId: run._id, at: run.at, input: run.inputQuantity, output: run.quantity }, YIELD_PERCENT),
  ])

const wrongCounts = ({ reads, ...asked }: ReportContext): Promise<Anomaly[]> =>
  collect(reads.stream(counts, inDays(asked), { sort: { at: 1, _id: 1 } }), ({ lines, at }) =>
    lines.map((line) => countVariance({ ...line, at }, COUNT_PERCENT)),
  )
