import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { addDays } from '@countinghouse/shared/calendar'
import { blowCompleted, blowReversed } from '@countinghouse/shared/contracts/blows'
import { loanActivated, loanAged, loanApplied, loanEventRecorded } from '@countinghouse/shared/contracts/loan'
import { purchaseCancelled, purchaseOrdered, purchasePaid } from '@countinghouse/shared/contracts/purchases'
import { saleConfirmed, saleGoodsReturned } from '@countinghouse/shared/contracts/sales'
import { orderPaid } from '@countinghouse/shared/contracts/shop'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { positions } from '@countinghouse/shared/messaging/position'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import { projectionsOf, reports } from '../app.js'
import { contextFor, REPORTS_PROJECTION, type MakingDeps } from './making.js'

// Two days of a small house, of which every figure can be added up by hand.
const { projectors, collections } = projectionsOf((instant) => instant.toISOString().slice(0, 10))[REPORTS_PROJECTION]
let database: Awaited<ReturnType<typeof freshDatabase>>
beforeAll(async () => {
  database = await freshDatabase(positions, ...collections)
  await inTransaction(database.db, async (tx) => {
    for (const event of events) {
      const projector = projectors.find(({ contract }) => contract.type === event.type)
      await projector?.apply(tx, { ...event, data: projector.contract.schema.parse(event.data) })
    }
  })
})
afterAll(() => database.close())

type Asked = { today?: string; from?: string; to?: string }
const ask = async (name: string, { today = '2026-03-15', ...asked }: Asked) => {
  const report = reports.find((one) => one.name === name)
  if (!report) throw new Error(`There is no report ${name}`)
  const now = () => new Date(`${today}T06:00:00.000Z`)
  const deps = { db: database.db, now, currency: 'USD', readPreference: 'primary' } as MakingDeps
  const question = { ...asked, tz: 'UTC', params: {}, caller: { role: undefined, userId: undefined } }
  const { context } = await contextFor(deps, question)
  return { report, context, result: await report.compute(context) }
}
const made = async (name: string, asked: Asked = {}) => (await ask(name, asked)).result
const drawn = async (name: string) => {
  const { report, context, result } = await ask(name, {})
  return (await report.chart?.(result, context))?.series[0]?.values
}

type Day = '09' | '10'
const bill = (bill_number: string, day: Day, total_minor: bigint, version: number) => ({
  ...{ bill_number, created_by: 'user:1', currency: 'USD', total_minor, version },
  ...{ day: `2026-03-${day}`, due_on: `2026-03-${day === '09' ? '12' : '20'}`, occurred_at: `2026-03-${day}T06:00:00.000Z` }, // prettier-ignore
})
const line = (quantity: number, total_minor: bigint) => ({
  ...{
    item_id: 'bottle',
    item_name: 'Bottle',
    quantity,
    unit_price_minor: total_minor / BigInt(quantity),
    total_minor,
  },
  tax_minor: 0n,
})

type Bought = { supplier: string; paid?: bigint; owed: bigint; version?: number }
const purchase = (number: string, day: Day, total: bigint, { supplier, paid = 0n, owed, version = 1 }: Bought) => ({
  ...bill(number, day, total, version),
  ...{ supplier_id: supplier, supplier_name: supplier, owed_minor: owed, paid_minor: paid },
  payment_status: paid > 0n ? ('partial' as const) : ('pending' as const),
})
const ordered = (number: string, day: Day, total: bigint, bought: Bought): Envelope => {
  const data = { ...purchase(number, day, total, bought), status: 'ordered' as const, warehouse_id: 'main' }
  return newEvent(purchaseOrdered, number, { ...data, lines: [line(10, total)] })
}

type Sold = { paid?: bigint; credited?: bigint; version?: number }
const sale = (number: string, day: Day, total: bigint, { paid = 0n, credited = 0n, version = 1 }: Sold = {}) => ({
  ...bill(number, day, total, version),
  ...{ customer_id: 'CUST-1', customer_name: 'Raj', status: 'confirmed' as const, paid_minor: paid },
  ...{ credited_minor: credited, refunded_minor: 0n, due_minor: total - paid - credited },
  payment_status: paid > 0n ? ('paid' as const) : ('pending' as const),
})
const confirmed = (number: string, day: Day, [total, cost]: [bigint, bigint], sold?: Sold): Envelope => {
  const data = { ...sale(number, day, total, sold), warehouse_id: 'main', cost_minor: cost }
  const lines = [{ ...line(100, total), discount_minor: 0n, cost_minor: cost }]
  return newEvent(saleConfirmed, number, { ...data, subtotal_minor: total, discount_minor: 0n, tax_minor: 0n, lines })
}

const order = (): Envelope => {
  const at = '2026-03-10T08:00:00.000Z'
  const goods = { item_id: 'bottle', quantity: 2, unit_price_minor: 1_000n, discount_minor: 0n, tax_minor: 0n, total_minor: 2_000n, cost_minor: 500n } // prettier-ignore
  const of = (product: string, seller: 'house' | 'vendor') => ({ ...goods, product, name: product, seller, vendor_id: seller }) // prettier-ignore
  return newEvent(orderPaid, 'ORD-1', {
    ...{ order_number: 'ORD-1', user_id: 'u1', username: 'raj', status: 'processing', payment_method: 'wallet' },
    ...{ payment_status: 'paid', currency: 'USD', coupon: null, subtotal_minor: 4_000n, discount_minor: 0n },
    ...{ tax_minor: 0n, shipping_minor: 0n, total_minor: 4_000n, placed_at: at, occurred_at: at },
    lines: [of('own', 'house'), of('lamp', 'vendor')],
  })
}

type Run = { input: number; output: number; material: bigint; blowing: bigint; variance?: bigint; version?: number }
const run = (blow_id: string, day: Day, { input, output, material, blowing, variance = 0n, version = 1 }: Run) => ({
  ...{ blow_id, from_item_id: 'preform', to_item_id: 'bottle', warehouse_id: 'main', currency: 'USD' },
  ...{ input_quantity: input, quantity: output, material_cost_minor: material, blow_cost_minor: blowing },
  ...{ variance_minor: variance, produced_cost_minor: material + blowing - variance, created_by: 'user:1' },
  ...{ day: `2026-03-${day}`, version, occurred_at: `2026-03-${day}T06:00:00.000Z` },
})
const runs = [
  run('B1', '09', { input: 1000, output: 950, material: 250_000n, blowing: 95_000n, variance: 5_000n }),
  run('B2', '10', { input: 500, output: 490, material: 125_000n, blowing: 49_000n }),
  run('B3', '10', { input: 100, output: 10, material: 25_000n, blowing: 1_000n }),
]

/** On each day of a fortnight sales and their cost, which leave this as a profit. */
const fortnight = [10, 20, 30, 40, 50, 60, 70, 20, 30, 40, 50, 60, 70, 80]
const soldOn = (day: string, profit: number, index: number): Envelope => {
  const posting = (account: string, side: 'debit' | 'credit', amount_minor: bigint) => ({
    ...{ account_id: `house:${account}:USD`, side, amount_minor, currency: 'USD', balance_after_minor: 0n },
  })
  const [revenue, cost] = [BigInt(profit) * 300n, BigInt(profit) * 200n]
  const id = `e${index.toString()}`
  return newEvent(ledgerEntryPosted, id, {
    ...{ entry_id: id, kind: 'books', reference: { kind: 'sale', id }, posted_at: `${day}T12:00:00.000Z` },
    postings: [
      ...[posting('receivables', 'debit', revenue), posting('sales_revenue', 'credit', revenue)],
      ...[posting('cost_of_goods_sold', 'debit', cost), posting('inventory', 'credit', cost)],
    ],
  })
}

const of = (loan_id: string) => ({ loan_id, customer_id: 'c1' })
const paidOut = (id: string, amount_minor: bigint, on: string): Envelope[] => {
  const at = `${on}T06:00:00.000Z`
  return [
    newEvent(loanApplied, id, { ...of(id), amount_minor, currency: 'USD', term_months: 12, risk_score: 0, applied_at: at }), // prettier-ignore
    newEvent(loanActivated, id, { ...of(id), entry_id: id, activated_at: at }),
    recorded(id, 1, { on, principal: amount_minor }),
  ]
}
type Stands = { on: string; principal: bigint; due?: string; status?: 'ACTIVE' | 'CLOSED' }
const recorded = (id: string, sequence: number, { on, principal, due, status = 'ACTIVE' }: Stands): Envelope =>
  newEvent(loanEventRecorded, id, {
    ...{ ...of(id), sequence, kind: 'x', on, amount_minor: null, currency: 'USD', status },
    ...{ outstanding_minor: principal, principal_outstanding_minor: principal, oldest_unpaid_due_on: due ?? null },
    recorded_at: `${on}T06:00:00.000Z`,
  })
const aged = (id: string, { on, principal, due }: Stands): Envelope =>
  newEvent(loanAged, id, {
    ...{ ...of(id), on, currency: 'USD', days_past_due: 0, bucket: 'CURRENT', due_now_minor: 0n },
    ...{ fees_charged_minor: 0n, penalties_charged_minor: 0n, outstanding_minor: principal },
    ...{ principal_outstanding_minor: principal, oldest_unpaid_due_on: due ?? null },
  })

const steel = { supplier: 'SUP-1', owed: 30_000n }
const events: Envelope[] = [
  ordered('PO-1', '09', 30_000n, steel),
  newEvent(purchasePaid, 'PO-1', {
    ...{ ...purchase('PO-1', '09', 30_000n, { ...steel, paid: 10_000n, version: 2 }), status: 'received' },
    ...{ payment_id: 'p1', amount_minor: 10_000n, method: 'cash', reference: null },
  }),
  ordered('PO-2', '10', 8_000n, { supplier: 'SUP-2', owed: 0n }),
  ordered('PO-3', '10', 9_000n, { supplier: 'SUP-3', owed: 0n }),
  newEvent(purchaseCancelled, 'PO-3', { ...purchase('PO-3', '10', 9_000n, { supplier: 'SUP-3', owed: 0n, version: 2 }), status: 'cancelled' }), // prettier-ignore
  confirmed('SO-1', '09', [50_000n, 30_000n], { paid: 50_000n }),
  confirmed('SO-2', '10', [20_000n, 12_000n]),
  newEvent(saleGoodsReturned, 'SO-2', {
    ...{
      ...sale('SO-2', '10', 20_000n, { credited: 5_000n, version: 2 }),
      return_id: 'r1',
      restocked: true,
      reason: '',
    },
    returned: [{ item_id: 'bottle', quantity: 25, net_minor: 5_000n, tax_minor: 0n, cost_minor: 3_000n }],
  }),
  order(),
  ...runs.map((one) => newEvent(blowCompleted, one.blow_id, one)),
  newEvent(blowReversed, 'B3', { ...run('B3', '10', { input: 100, output: 10, material: 25_000n, blowing: 1_000n, version: 2 }), reason: 'Wrong mould' }), // prettier-ignore
  ...fortnight.map((profit, index) => soldOn(addDays('2026-03-01', index), profit, index)),
  ...paidOut('L1', 100_000n, '2026-01-05'),
  ...paidOut('L2', 50_000n, '2026-01-20'),
  ...paidOut('L3', 20_000n, '2026-02-03'),
  aged('L1', { on: '2026-02-10', principal: 100_000n, due: '2026-02-05' }),
  // Two facts of one moment: the later number counts.
  recorded('L1', 10, { on: '2026-02-20', principal: 90_000n }),
  recorded('L1', 9, { on: '2026-02-20', principal: 95_000n, due: '2026-02-05' }),
  aged('L2', { on: '2026-03-01', principal: 50_000n, due: '2026-02-01' }),
  recorded('L3', 2, { on: '2026-03-01', principal: 0n, status: 'CLOSED' }),
]

test('of each supplier what was bought, paid and is owed; a purchase that was called off is none', async () => {
  const row = (id: string, more: object) => ({ supplier_id: id, supplier_name: id, bills: 1, ...more })
  expect(await made('suppliers')).toEqual({
    figures: { suppliers: 2, bills: 2, purchases: 38_000n, due: 20_000n, overdue: 20_000n },
    rows: [
      row('SUP-1', { purchases: 30_000n, paid: 10_000n, due: 20_000n, overdue: 20_000n, last_bill_on: '2026-03-09' }),
      row('SUP-2', { purchases: 8_000n, paid: 0n, due: 0n, overdue: 0n, last_bill_on: '2026-03-10' }),
    ],
  })
  expect((await made('suppliers', { today: '2026-03-12' })).figures).toMatchObject({ due: 20_000n, overdue: 0n })
})

test('blowing: what went in and came out, and what it cost; a run that was taken back is none', async () => {
  expect(await made('efficiency')).toEqual({
    figures: { runs: 2, input: 1500, output: 1440, wastage: 60, yield: 0.96, cost: 519_000n },
    rows: [
      {
        ...{ from_item_id: 'preform', to_item_id: 'bottle', runs: 2, input: 1500, output: 1440, wastage: 60 },
        ...{ yield: 0.96, material_cost: 375_000n, blow_cost: 144_000n, variance: 5_000n, unit_cost: 356n },
      },
    ],
  })
  expect(await drawn('efficiency')).toEqual([95, 98])
  expect((await made('efficiency', { from: '2026-03-09', to: '2026-03-09' })).figures).toMatchObject({ runs: 1, wastage: 50 }) // prettier-ignore
})

test('day by day what was sold, at the counter and of the house in the shop, less what came back, and what was bought', async () => {
  expect(await made('analytics')).toEqual({
    figures: { revenue: 67_000n, profit: 27_500n, purchases: 38_000n, bills: 3, change: -0.66 },
    rows: [
      { day: '2026-03-09', bills: 1, revenue: 50_000n, profit: 20_000n, purchases: 30_000n },
      { day: '2026-03-10', bills: 2, revenue: 17_000n, profit: 7_500n, purchases: 8_000n },
    ],
  })
})

test('of two weeks the next are expected to be as the last, give or take what the weeks differed by', async () => {
  const { figures, rows } = await made('predictions')
  // Four weeks of 350.00, and the first two days of the next.
  expect(figures).toMatchObject({ expected_profit: 145_000n, last_30_days: 63_000n, known_days: 14, method: 'seasonal_naive' }) // prettier-ignore
  expect(rows).toHaveLength(30)
  // Each day was 10.00 off: 1.96 times that, and by the root of 2 more a week later.
  expect(rows[0]).toEqual({ day: '2026-03-15', expected: 2_000n, lower: 40n, upper: 3_960n })
  expect(rows[7]).toEqual({ day: '2026-03-22', expected: 2_000n, lower: -772n, upper: 4_772n })
})

test('principal at risk on any day is that of the loans that were late then, by the month in which they were paid out', async () => {
  const { figures, rows } = await made('loans/delinquency')
  expect(figures).toEqual({
    ...{ on: '2026-03-15', loans: 2, principal: 140_000n, late_loans: 1 },
    ...{ par30_amount: 50_000n, par60_amount: 0n, par90_amount: 0n, par30: 0.3571, par60: 0, par90: 0 },
  })
  const none = { par60: 0, par90: 0, written_off: 0 }
  expect(rows).toEqual([
    { vintage: '2026-01', loans: 2, paid_out: 150_000n, running: 2, principal: 140_000n, par30: 0.3571, closed: 0, ...none }, // prettier-ignore
    { vintage: '2026-02', loans: 1, paid_out: 20_000n, running: 0, principal: 0n, par30: 0, closed: 1, ...none },
  ])
  expect(await drawn('loans/delinquency')).toEqual([900, 0, 500, 0, 0])
  const before = await made('loans/delinquency', { to: '2026-02-12' })
  expect(before.figures).toMatchObject({ loans: 3, principal: 170_000n, par30_amount: 0n, late_loans: 1 })
  expect((await made('loans/delinquency', { from: '2026-02-01' })).figures).toMatchObject({ loans: 0, principal: 0n })
})

test('a bill that says it is paid, and by whose payments it is not, is named with the amount', async () => {
  const { figures, rows } = await made('reconciliation')
  expect(figures).toEqual({ bills: 4, differences: 1, difference: 50_000n, due: 15_000n })
  expect(rows).toMatchObject([{ kind: 'sale', bill_number: 'SO-1', expected_status: 'pending', paid: 50_000n, payments: 0n }]) // prettier-ignore
})
