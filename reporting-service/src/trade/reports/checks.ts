import { BUSINESS_READERS, count, day, money, text, type Report } from '../../reports/definition.js'
import { totalOf } from '../../reports/sums.js'
import { paymentProblemOf, suspectsAmong } from '../checking.js'
import { standing } from '../queries.js'
import { bills } from '../store.js'

export const reconciliation: Report = {
  name: 'reconciliation',
  title: 'Payments against bills',
  summary: 'Bills whose payment status or paid amount is not what their payments come to, each with the reason',
  access: BUSINESS_READERS,
  cached: true,
  figures: [count('bills', 'Bills compared'), count('differences', 'Differences'), money('difference', 'Amount that differs'), money('due', 'Due in all')], // prettier-ignore
  columns: [
    ...[text('kind', 'Kind'), text('bill_number', 'Bill'), text('party_id', 'Party'), text('payment_status', 'Status')],
    ...[
      text('expected_status', 'Status by payments'),
      money('paid', 'Paid by the bill'),
      money('payments', 'Paid by payments'),
    ],
    ...[money('difference', 'Difference'), text('why', 'Why')],
  ],
  example: {
    figures: { bills: 2, differences: 1, difference: 10, due: 90 },
    row: { kind: 'sale', bill_number: 'SO-251223-0026', party_id: 'CUST-001', payment_status: 'paid', expected_status: 'partial', paid: 100, payments: 90, difference: 10, why: 'The bill says 100.00 is paid, its payments come to 90.00' }, // prettier-ignore
  },
  compute: async (context) => {
    const found = [
      ...(await context.reads.find(bills, standing('sale', context))),
      ...(await context.reads.find(bills, standing('purchase', context))),
    ]
    const rows = found.flatMap((bill) => {
      const problem = paymentProblemOf(bill)
      if (!problem) return []
      const { expectedStatus, paymentsMinor, differenceMinor, why } = problem
      return [
        {
          ...{ kind: bill.kind, bill_number: bill.number, party_id: bill.partyId, payment_status: bill.paymentStatus },
          ...{ expected_status: expectedStatus, paid: BigInt(bill.paidMinor), payments: paymentsMinor },
          ...{ difference: differenceMinor, why },
        },
      ]
    })
    const difference = totalOf(rows, (row) => (row.difference < 0n ? -row.difference : row.difference))
    const due = totalOf(found.filter(({ kind }) => kind === 'sale'), ({ dueMinor }) => BigInt(dueMinor)) // prettier-ignore
    return { figures: { bills: found.length, differences: rows.length, difference, due }, rows }
  },
}

export const duplicates: Report = {
  name: 'duplicates',
  title: 'Suspected duplicates',
  summary: 'Bills of one party over one amount within three days: perhaps entered twice',
  access: BUSINESS_READERS,
  cached: true,
  personal: ['party_name'],
  figures: [count('suspects', 'Suspects'), money('amount', 'Amount at stake')],
  columns: [
    ...[
      text('kind', 'Kind'),
      text('bill_number', 'Bill'),
      text('duplicate_of', 'Perhaps the same as'),
      text('party_id', 'Party'),
    ],
    ...[text('party_name', 'Name'), money('amount', 'Amount'), day('day', 'Day'), text('why', 'Why')],
  ],
  example: {
    figures: { suspects: 1, amount: 590 },
    row: { kind: 'sale', bill_number: 'SO-261120-0002', duplicate_of: 'SO-261120-0001', party_id: 'CUST-001', party_name: 'Raj Traders', amount: 590, day: '2026-11-20', why: 'The same lines on the same day' }, // prettier-ignore
  },
  compute: async (context) => {
    const found = [
      ...(await context.reads.find(bills, standing('sale', context))),
      ...(await context.reads.find(bills, standing('purchase', context))),
    ]
    const rows = suspectsAmong(found).map(({ bill, earlier, why }) => ({
      ...{ kind: bill.kind, bill_number: bill.number, duplicate_of: earlier.number, party_id: bill.partyId },
      ...{ party_name: bill.partyName, amount: BigInt(bill.totalMinor), day: bill.day, why },
    }))
    return { figures: { suspects: rows.length, amount: totalOf(rows, ({ amount }) => amount) }, rows }
  },
}
