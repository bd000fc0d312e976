import { daysBetween } from '@countinghouse/shared/calendar'
import { toWireAmount } from '@countinghouse/shared/money'
import { BUSINESS_READERS, count, day, money, text, type Report } from '../../reports/definition.js'
import { groupBy, totalOf } from '../../reports/sums.js'
import { openBills, type OpenBill } from '../queries.js'

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
  summary:
    'What customers owed at the end of the last day asked for, today by default, by how many days it was late; as the books say',
  access: BUSINESS_READERS,
  cached: true,
  personal: ['customer_name'],
  figures: [day('on', 'On'), ...ages, money('total', 'Total'), count('bills', 'Bills')],
  columns: [text('customer_id', 'Customer'), text('customer_name', 'Name'), ...ages, money('total', 'Total'), count('bills', 'Bills')], // prettier-ignore
  example: {
    figures: {
      on: '2026-11-21',
      not_due: 90,
      days_1_30: 0,
      days_31_60: 0,
      days_61_90: 0,
      days_over_90: 0,
      total: 90,
      bills: 1,
    },
    row: { customer_id: 'CUST-001', customer_name: 'Raj Traders', not_due: 90, days_1_30: 0, days_31_60: 0, days_61_90: 0, days_over_90: 0, total: 90, bills: 1 }, // prettier-ignore
  },
  compute: async (context) => {
    const on = context.to ?? context.today
    const open = await openBills(context)
    const byCustomer = groupBy(open, ({ partyId }) => partyId)
    const rows = [...byCustomer].map(([customer_id, owed]) => ({
      ...{ customer_id, customer_name: owed.at(-1)?.partyName ?? '', ...sumsOf(owed, on), bills: owed.length },
    }))
    rows.sort((one, other) => Number(other.total - one.total))
    return { figures: { on, ...sumsOf(open, on), bills: open.length }, rows }
  },
  chart: ({ figures }, { currency }) => ({
    ...{ title: 'Receivables by age', unit: currency, kind: 'bars', labels: TITLES },
    series: [{ name: 'Due', values: AGES.map((age) => toWireAmount(figures[age] as bigint, currency)) }],
  }),
}

const sumsOf = (owed: readonly OpenBill[], on: string) => {
  const due = (some: readonly OpenBill[]) => totalOf(some, ({ owedMinor }) => owedMinor)
  const byAge = groupBy(owed, ({ dueOn }) => ageOf(daysBetween(dueOn, on)))
  const sums = Object.fromEntries(AGES.map((age) => [age, due(byAge.get(age) ?? [])])) as Record<Age, bigint>
  return { ...sums, total: due(owed) }
}
