import { toWireAmount } from '@countinghouse/shared/money'
import { BUSINESS_READERS, count, day, money, text, type Report } from '../../reports/definition.js'
import { totalOf } from '../../reports/sums.js'
import { sumBills } from '../queries.js'

export const customers: Report = {
  name: 'customers',
  title: 'Customers',
  summary: 'What each trade customer bought in a period, paid, and owes',
  access: BUSINESS_READERS,
  cached: true,
  personal: ['customer_name'],
  figures: [count('customers', 'Customers'), count('bills', 'Bills'), money('sales', 'Sales'), money('profit', 'Profit'), money('due', 'Due'), money('overdue', 'Overdue')], // prettier-ignore
  columns: [
    ...[
      text('customer_id', 'Customer'),
      text('customer_name', 'Name'),
      count('bills', 'Bills'),
      money('sales', 'Sales'),
    ],
    ...[money('credited', 'Credited'), money('paid', 'Paid'), money('due', 'Due'), money('overdue', 'Overdue')],
    ...[money('profit', 'Profit'), day('last_bill_on', 'Last bill')],
  ],
  example: {
    figures: { customers: 1, bills: 2, sales: 590, profit: 150, due: 90, overdue: 0 },
    row: { customer_id: 'CUST-001', customer_name: 'Raj Traders', bills: 2, sales: 590, credited: 0, paid: 500, due: 90, overdue: 0, profit: 150, last_bill_on: '2026-11-20' }, // prettier-ignore
  },
  compute: async (context) => {
    const rows = (await sumBills(context, 'sale', '$partyId')).map(({ _id, name, bills, last, ...sums }) => ({
      ...{ customer_id: _id, customer_name: name, bills, sales: sums.total, credited: sums.credited, paid: sums.paid },
      ...{ due: sums.due, overdue: sums.overdue, profit: sums.net - sums.cost, last_bill_on: last },
    }))
    const total = (key: 'sales' | 'profit' | 'due' | 'overdue') => totalOf(rows, (row) => row[key])
    const bills = rows.reduce((sum, row) => sum + row.bills, 0)
    const figures = { customers: rows.length, bills, sales: total('sales'), profit: total('profit'), due: total('due'), overdue: total('overdue') } // prettier-ignore
    return { figures, rows: rows.sort((one, other) => Number(other.sales - one.sales)) }
  },
  chart: ({ rows }, { currency }) => {
    const best = rows.slice(0, 10)
    const values = (key: string) => best.map((row) => toWireAmount(row[key] as bigint, currency))
    return {
      ...{
        title: 'Best customers',
        unit: currency,
        kind: 'bars',
        labels: best.map((row) => String(row['customer_id'])),
      },
      series: [{ name: 'Sales', values: values('sales') }, { name: 'Due', values: values('due') }], // prettier-ignore
    }
  },
}

export const suppliers: Report = {
  name: 'suppliers',
  title: 'Suppliers',
  summary: 'What was bought from each supplier in a period, paid, and owed',
  access: BUSINESS_READERS,
  cached: true,
  personal: ['supplier_name'],
  figures: [count('suppliers', 'Suppliers'), count('bills', 'Bills'), money('purchases', 'Purchases'), money('due', 'Owed'), money('overdue', 'Overdue')], // prettier-ignore
  columns: [
    ...[text('supplier_id', 'Supplier'), text('supplier_name', 'Name'), count('bills', 'Bills')],
    ...[money('purchases', 'Purchases'), money('paid', 'Paid'), money('due', 'Owed'), money('overdue', 'Overdue')],
    day('last_bill_on', 'Last bill'),
  ],
  example: {
    figures: { suppliers: 1, bills: 1, purchases: 500, due: 0, overdue: 0 },
    row: { supplier_id: 'SUP-001', supplier_name: 'Preform Mills', bills: 1, purchases: 500, paid: 500, due: 0, overdue: 0, last_bill_on: '2026-11-18' }, // prettier-ignore
  },
  compute: async (context) => {
    const rows = (await sumBills(context, 'purchase', '$partyId')).map(
      ({ _id, name, bills, last, total, paid, due, overdue }) => ({
        ...{ supplier_id: _id, supplier_name: name, bills, purchases: total, paid, due, overdue, last_bill_on: last },
      }),
    )
    const total = (key: 'purchases' | 'due' | 'overdue') => totalOf(rows, (row) => row[key])
    const bills = rows.reduce((sum, row) => sum + row.bills, 0)
    const figures = {
      suppliers: rows.length,
      bills,
      purchases: total('purchases'),
      due: total('due'),
      overdue: total('overdue'),
    }
    return { figures, rows: rows.sort((one, other) => Number(other.purchases - one.purchases)) }
  },
}
