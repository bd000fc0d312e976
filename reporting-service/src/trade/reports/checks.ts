import { BUSINESS_READERS, count, day, money, text, type Report, type ReportContext } from '../../reports/definition.js'
import { totalOf } from '../../reports/sums.js'
import { paymentProblemOf, suspectIn, type Suspect } from '../checking.js'
import type { Bill } from '../domain.js'
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
    const rows: DifferenceRow[] = []
    let [compared, due] = [0, 0n]
    for await (const bill of bothKinds(context)) {
      compared += 1
      if (bill.kind === 'sale') due += BigInt(bill.dueMinor)
      rows.push(...differencesOf(bill))
    }
    const difference = totalOf(rows, (row) => (row.difference < 0n ? -row.difference : row.difference))
    return { figures: { bills: compared, differences: rows.length, difference, due }, rows }
  },
}

async function* bothKinds(context: ReportContext, sort: Record<string, 1> = { day: 1, _id: 1 }): AsyncGenerator<Bill> {
  for (const kind of ['sale', 'purchase'] as const)
    yield* context.reads.stream(bills, standing(kind, context), { sort })
}

const differencesOf = (bill: Bill) => {
  const problem = paymentProblemOf(bill)
  if (!problem) return []
  const { expectedStatus, paymentsMinor, differenceMinor, why } = problem
  const { kind, number: bill_number, partyId: party_id, paymentStatus: payment_status } = bill
  return [
    {
      ...{ kind, bill_number, party_id, payment_status, expected_status: expectedStatus, paid: BigInt(bill.paidMinor) },
      ...{ payments: paymentsMinor, difference: differenceMinor, why },
    },
  ]
}
type DifferenceRow = ReturnType<typeof differencesOf>[number]

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
    const suspects: Suspect[] = []
    let earlier: Bill | undefined
    for await (const bill of bothKinds(context, { partyId: 1, totalMinor: 1, day: 1, number: 1 })) {
      suspects.push(...suspectIn(earlier, bill))
      earlier = bill
    }
    const rows = suspects.map(({ bill, earlier: { number: duplicate_of }, why }) => ({
      ...{ kind: bill.kind, bill_number: bill.number, duplicate_of, party_id: bill.partyId },
      ...{ party_name: bill.partyName, amount: BigInt(bill.totalMinor), day: bill.day, why },
    }))
    return { figures: { suspects: rows.length, amount: totalOf(rows, ({ amount }) => amount) }, rows }
  },
}
