import { toWireAmount } from '@countinghouse/shared/money'
import { BUSINESS_READERS, count, day, money, share, text, type Report } from '../../reports/definition.js'
import { shareOf, totalOf } from '../../reports/sums.js'
import { SOLD, namesOf, sumBills, sumItems } from '../queries.js'

export const salesSummary: Report = {
  name: 'sales-summary',
  title: 'Sales',
  summary:
    'What was sold of each item in a period, at the counter and in the shop, and the profit on it: selling price less unit cost',
  access: BUSINESS_READERS,
  cached: true,
  figures: [
    ...[
      count('bills', 'Bills'),
      count('quantity', 'Sold'),
      money('revenue', 'Revenue without tax'),
      money('tax', 'Tax'),
    ],
    ...[money('cost', 'Cost'), money('profit', 'Profit'), share('margin', 'Profit of revenue'), money('average_bill', 'Average bill')], // prettier-ignore
  ],
  columns: [
    ...[text('item_id', 'Item'), text('item_name', 'Name'), count('quantity', 'Sold'), count('returned', 'Came back')],
    ...[money('revenue', 'Revenue'), money('cost', 'Cost'), money('profit', 'Profit'), share('margin', 'Margin'), share('share', 'Of revenue')], // prettier-ignore
  ],
  example: {
    figures: { bills: 2, quantity: 100, revenue: 500, tax: 90, cost: 350, profit: 150, margin: 0.3, average_bill: 295 },
    row: { item_id: 'bottle-500ml-a', item_name: 'Bottle 500 ml A', quantity: 100, returned: 0, revenue: 500, cost: 350, profit: 150, margin: 0.3, share: 1 }, // prettier-ignore
  },
  compute: async (context) => {
    const [sold, returned] = [await sumItems(context, SOLD, 'lines'), await sumItems(context, SOLD, 'returned')]
    const [names, days] = [await namesOf(context.reads), await sumBills(context, SOLD, '$day')]
    const revenue = totalOf(sold, ({ net }) => net) - totalOf(returned, ({ net }) => net)
    const rows = sold.map(({ _id, quantity, net, cost }) => {
      const back = returned.find((one) => one._id === _id) ?? { quantity: 0, net: 0n, cost: 0n }
      const [kept, spent] = [net - back.net, cost - back.cost]
      return {
        ...{
          item_id: _id,
          item_name: names.get(_id) ?? _id,
          quantity,
          returned: back.quantity,
          revenue: kept,
          cost: spent,
        },
        ...{ profit: kept - spent, margin: shareOf(kept - spent, kept), share: shareOf(kept, revenue) },
      }
    })
    const cost = totalOf(rows, (row) => row.cost)
    const bills = days.reduce((sum, one) => sum + one.bills, 0)
    const figures = {
      ...{ bills, quantity: rows.reduce((sum, row) => sum + row.quantity - row.returned, 0), revenue, cost },
      tax: totalOf(sold, ({ tax }) => tax) - totalOf(returned, ({ tax }) => tax),
      ...{ profit: revenue - cost, margin: shareOf(revenue - cost, revenue) },
      average_bill: bills === 0 ? 0n : totalOf(days, ({ total }) => total) / BigInt(bills),
    }
    return { figures, rows: rows.sort((one, other) => Number(other.revenue - one.revenue)) }
  },
  chart: ({ rows }, { currency }) => {
    const best = rows.slice(0, 10)
    const values = (key: string) => best.map((row) => toWireAmount(row[key] as bigint, currency))
    return {
      ...{ title: 'Sales by item', unit: currency, kind: 'bars', labels: best.map((row) => String(row['item_id'])) },
      series: [{ name: 'Revenue', values: values('revenue') }, { name: 'Cost', values: values('cost') }, { name: 'Profit', values: values('profit') }], // prettier-ignore
    }
  },
}

export const analytics: Report = {
  name: 'analytics',
  title: 'Trends',
  summary: 'Sales, profit, purchases and bills day by day, with the change over the period',
  access: BUSINESS_READERS,
  cached: true,
  figures: [money('revenue', 'Revenue'), money('profit', 'Profit'), money('purchases', 'Purchases'), count('bills', 'Bills'), share('change', 'Second half against the first')], // prettier-ignore
  columns: [day('day', 'Day'), count('bills', 'Bills'), money('revenue', 'Revenue'), money('profit', 'Profit'), money('purchases', 'Purchases')], // prettier-ignore
  example: {
    figures: { revenue: 500, profit: 150, purchases: 300, bills: 2, change: 0.12 },
    row: { day: '2026-11-20', bills: 2, revenue: 500, profit: 150, purchases: 300 },
  },
  compute: async (context) => {
    const [sold, bought] = [await sumBills(context, SOLD, '$day'), await sumBills(context, 'purchase', '$day')]
    const days = [...new Set([...sold, ...bought].map(({ _id }) => _id))].sort()
    const rows = days.map((of) => {
      const sales = sold.find(({ _id }) => _id === of)
      const purchases = bought.find(({ _id }) => _id === of)?.total ?? 0n
      const [revenue, cost] = [sales?.net ?? 0n, sales?.cost ?? 0n]
      return { day: of, bills: sales?.bills ?? 0, revenue, profit: revenue - cost, purchases }
    })
    const half = Math.floor(rows.length / 2)
    const [before, after] = [rows.slice(0, half), rows.slice(rows.length - half)].map((part) => totalOf(part, ({ revenue }) => revenue)) // prettier-ignore
    const total = (key: 'revenue' | 'profit' | 'purchases') => totalOf(rows, (row) => row[key])
    const change = before ? shareOf((after ?? 0n) - before, before) : 0
    const bills = rows.reduce((sum, row) => sum + row.bills, 0)
    return {
      figures: { revenue: total('revenue'), profit: total('profit'), purchases: total('purchases'), bills, change },
      rows,
    }
  },
  chart: ({ rows }, { currency }) => {
    const values = (key: string) => rows.map((row) => toWireAmount(row[key] as bigint, currency))
    return {
      ...{
        title: 'Sales and profit by day',
        unit: currency,
        kind: 'line',
        labels: rows.map((row) => String(row['day'])),
      },
      series: [{ name: 'Revenue', values: values('revenue') }, { name: 'Profit', values: values('profit') }, { name: 'Purchases', values: values('purchases') }], // prettier-ignore
    }
  },
}
