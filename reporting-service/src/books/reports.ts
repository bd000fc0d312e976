import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { SERIES_MAX, type Chart } from '../charts/chart.js'
import { BUSINESS_READERS, money, share, text, type Report, type ReportContext } from '../reports/definition.js'
import { shareOf, totalOf } from '../reports/sums.js'
import { balanceOf, profitAndLoss, sectionOf, typeOf, type AccountSum } from './domain.js'
import { sumAccounts, type GroupedSum } from './store.js'

const params = {
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
}

const ledger: Report = {
  name: 'ledger',
  title: 'Trial balance',
  summary: 'What every account of the books moved in a period, and its balance at the end; always current',
  access: ['admin'],
  cached: false,
  params,
  figures: [money('total_debit', 'Debits'), money('total_credit', 'Credits'), money('difference', 'Difference')],
  columns: [text('account', 'Account'), text('type', 'Type'), money('debit', 'Debit'), money('credit', 'Credit'), money('balance', 'Balance at the end')], // prettier-ignore
  example: {
    figures: { total_debit: 25000, total_credit: 25000, difference: 0 },
    row: { account: 'loans_receivable', type: 'asset', debit: 25000, credit: 0, balance: 25000 },
  },
  compute: async ({ reads, period, currency }) => {
    const { before } = period
    const ends = await sumAccounts(reads, { currency, period: before ? { before } : {} })
    const moved = new Map((await sumAccounts(reads, { currency, period })).map((sum) => [sum.account, sum]))
    const rows = ends.map((end) => {
      const { debitMinor: debit = 0n, creditMinor: credit = 0n } = moved.get(end.account) ?? {}
      return { account: end.account, type: typeOf(end.account), debit, credit, balance: balanceOf(end) }
    })
    const total = (side: 'debit' | 'credit') => rows.reduce((sum, row) => sum + row[side], 0n)
    const [total_debit, total_credit] = [total('debit'), total('credit')]
    return { figures: { total_debit, total_credit, difference: total_debit - total_credit }, rows }
  },
}

const profitLoss: Report = {
  name: 'profit-loss',
  title: 'Profit and loss',
  summary: 'Revenue, costs and profit of a period, from the books',
  access: BUSINESS_READERS,
  cached: true,
  params,
  figures: [
    ...[
      money('revenue', 'Revenue'),
      money('cost_of_goods_sold', 'Cost of goods sold'),
      money('gross_profit', 'Gross profit'),
    ],
    ...[money('other_income', 'Other income'), money('other_costs', 'Other costs'), money('costs', 'Costs in all')],
    ...[money('profit', 'Profit'), share('margin', 'Profit of all income')],
  ],
  columns: [text('section', 'Section'), text('account', 'Account'), money('amount', 'Amount'), share('share', 'Of revenue')], // prettier-ignore
  example: {
    figures: { revenue: 1000, cost_of_goods_sold: 600, gross_profit: 400, other_income: 50, other_costs: 30, costs: 630, profit: 420, margin: 0.4 }, // prettier-ignore
    row: { section: 'revenue', account: 'sales_revenue', amount: 1000, share: 1 },
  },
  compute: async ({ reads, period, currency }) => {
    const sums = await sumAccounts(reads, { currency, period })
    const { revenue, costOfSales, grossProfit, otherIncome, otherCosts, profit } = profitAndLoss(sums)
    const rows = sums.flatMap((sum) => {
      const section = sectionOf(sum.account)
      const amount = balanceOf(sum)
      return section ? [{ section, account: sum.account, amount, share: shareOf(amount, revenue) }] : []
    })
    const figures = {
      ...{ revenue, cost_of_goods_sold: costOfSales, gross_profit: grossProfit, other_income: otherIncome },
      ...{
        other_costs: otherCosts,
        costs: costOfSales + otherCosts,
        profit,
        margin: shareOf(profit, revenue + otherIncome),
      },
    }
    return { figures, rows: rows.sort((one, other) => SECTIONS.indexOf(one.section) - SECTIONS.indexOf(other.section)) }
  },
  chart: async (_, context) => {
    const months = await sumsByMonth(context)
    const results = months.map(([, sums]) => profitAndLoss(sums))
    const line = (name: string, value: (result: (typeof results)[number]) => bigint) => ({
      name,
      values: results.map((result) => toWireAmount(value(result), context.currency)),
    })
    return chartOf('Profit and loss by month', months, context, [
      line('Income', ({ revenue, otherIncome }) => revenue + otherIncome),
      line('Costs', ({ costOfSales, otherCosts }) => costOfSales + otherCosts),
      line('Profit', ({ profit }) => profit),
    ])
  },
}

const SECTIONS = ['revenue', 'cost_of_sales', 'other_income', 'other_costs']
const isCost = ({ account }: AccountSum): boolean => typeOf(account) === 'expense'

const costs: Report = {
  name: 'costs',
  title: 'Costs',
  summary: 'What was spent in a period, by account and by what it was about',
  access: BUSINESS_READERS,
  cached: true,
  params,
  figures: [money('total', 'Costs in all')],
  columns: [text('account', 'Account'), text('about', 'About'), money('amount', 'Amount'), share('share', 'Of all costs')], // prettier-ignore
  example: {
    figures: { total: 630 },
    row: { account: 'cost_of_goods_sold', about: 'sale', amount: 600, share: 0.9523 },
  },
  compute: async ({ reads, period, currency }) => {
    const sums = (await sumAccounts(reads, { currency, period, by: 'about' })).filter(isCost)
    const total = sums.reduce((sum, one) => sum + balanceOf(one), 0n)
    const rows = sums.map((sum) => {
      const amount = balanceOf(sum)
      return { account: sum.account, about: sum.group, amount, share: shareOf(amount, total) }
    })
    return { figures: { total }, rows: rows.sort((one, other) => Number(other.amount - one.amount)) }
  },
  chart: async (_, context) => {
    const months = await sumsByMonth(context)
    const spent = months.map(([, sums]) => new Map(sums.filter(isCost).map((sum) => [sum.account, balanceOf(sum)])))
    const series = shownCosts(spent).map(({ name, accounts }) => ({
      name: name.replaceAll('_', ' '),
      values: spent.map((month) => toWireAmount(totalOf(accounts, (account) => month.get(account) ?? 0n), context.currency)), // prettier-ignore
    }))
    return { ...chartOf('Costs by month', months, context, series), kind: 'stacked' }
  },
}

/** The largest costs each, and the others together, so that all can be told apart. */
const shownCosts = (months: readonly ReadonlyMap<string, bigint>[]): { name: string; accounts: string[] }[] => {
  const size = (account: string) => totalOf(months, (month) => month.get(account) ?? 0n)
  const all = [...new Set(months.flatMap((month) => [...month.keys()]))]
  const inOrder = all.toSorted((one, other) => Number(size(other) - size(one)))
  const apart = inOrder.length > SERIES_MAX ? SERIES_MAX - 1 : inOrder.length
  const others = inOrder.slice(apart)
  const shown = inOrder.slice(0, apart).map((account) => ({ name: account, accounts: [account] }))
  return others.length === 0 ? shown : [...shown, { name: `${others.length} others`, accounts: others }]
}

const sumsByMonth = async ({ reads, currency, period, tz }: ReportContext): Promise<[string, GroupedSum[]][]> => {
  const months = new Map<string, GroupedSum[]>()
  for (const sum of await sumAccounts(reads, { currency, period, by: { months: tz } }))
    months.set(sum.group, [...(months.get(sum.group) ?? []), sum])
  return [...months]
}

const chartOf = (
  title: string,
  months: [string, unknown][],
  { currency }: ReportContext,
  series: Chart['series'],
): Chart => ({
  ...{ title, unit: currency, kind: 'line', labels: months.map(([month]) => month), series },
})

export const bookReports: readonly Report[] = [ledger, profitLoss, costs]
