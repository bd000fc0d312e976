import { daysBetween } from '@countinghouse/shared/calendar'
import { toWireAmount } from '@countinghouse/shared/money'
import { BUSINESS_READERS, count, money, text, type Report } from '../../reports/definition.js'
import { groupBy, totalOf } from '../../reports/sums.js'
import type { Bill } from '../domain.js'
import { standing } from '../queries.js'
import { bills } from '../store.js'

const AGES = ['not_due', 'days_1_30', 'days_31_60', 'days_61_90', 'days_over_90'] as const
const TITLES = ['Not due', '1 to 30 days', '31 to 60 days', '61 to 90 days', 'Over 90 days']
type Age = (typeof AGES)[number]

const ageOf = (daysLate: number): Age => {
  if (daysLate <= 0) return 'not_due'
  return AGES[Math.min(4, Math.ceil(daysLate / 30))] ?? 'days_over_90'
}

const ages = AGES.map((age, index) => money(age, TITLES[index] ?? age))

export const receivables: Report = {
  name: 'receivables',
  title: 'Receivables by age',
  summary: 'What trade customers owe, by how many days it is late on the last day asked for',
  access: BUSINESS_READERS,
  cached: true,
  personal: ['customer_name'],
  figures: [...ages, money('total', 'Total'), count('bills', 'Bills')],
  columns: [text('customer_id', 'Customer'), text('customer_name', 'Name'), ...ages, money('total', 'Total'), count('bills', 'Bills')], // prettier-ignore
  example: {
    figures: { not_due: 90, days_1_30: 0, days_31_60: 0, days_61_90: 0, days_over_90: 0, total: 90, bills: 1 },
    row: { customer_id: 'CUST-001', customer_name: 'Raj Traders', not_due: 90, days_1_30: 0, days_31_60: 0, days_61_90: 0, days_over_90: 0, total: 90, bills: 1 }, // prettier-ignore
  },
  compute: async (context) => {
    const on = context.to ?? context.today
    const open = (await context.reads.find(bills, standing('sale', context))).filter(({ dueMinor }) => dueMinor > 0n)
    const byCustomer = groupBy(open, ({ partyId }) => partyId)
    const rows = [...byCustomer].map(([customer_id, owed]) => ({
      ...{ customer_id, customer_name: owed.at(-1)?.partyName ?? '', ...sumsOf(owed, on), bills: owed.length },
    }))
    rows.sort((one, other) => Number(other.total - one.total))
    return { figures: { ...sumsOf(open, on), bills: open.length }, rows }
  },
  chart: ({ figures }, { currency }) => ({
    ...{ title: 'Receivables by age', unit: currency, kind: 'bars', labels: TITLES },
    series: [{ name: 'Due', values: AGES.map((age) => toWireAmount(figures[age] as bigint, currency)) }],
  }),
}

const sumsOf = (owed: readonly Bill[], on: string) => {
  const due = (some: readonly Bill[]) => totalOf(some, ({ dueMinor }) => BigInt(dueMinor))
  const byAge = groupBy(owed, ({ dueOn }) => ageOf(daysBetween(dueOn, on)))
  const sums = Object.fromEntries(AGES.map((age) => [age, due(byAge.get(age) ?? [])])) as Record<Age, bigint>
  return { ...sums, total: due(owed) }
}
