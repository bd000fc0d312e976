import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stockChanged } from '@countinghouse/shared/contracts/inventory'
import { saleConfirmed, salePaymentReceived } from '@countinghouse/shared/contracts/sales'
import { orderPaid } from '@countinghouse/shared/contracts/shop'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { pdfText } from '@countinghouse/shared/testing/pdfText'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import readExcel from 'read-excel-file/node'
import request from 'supertest'
import { reportingService } from '../app.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService, { REPORT_CACHE_TTL: 3600, REPORT_NIGHTLY_AT: '02:00' })
  await publishEvents(service.rabbitmqUrl, events)
  await eventually(async () => {
    const { body } = await report('ledger')
    expect(body).toMatchObject({ total_debit: 1100, as_of: events.at(-1)?.time })
  })
})
afterAll(() => service.close())

const at = '2026-03-10T06:00:00.000Z'
const entry = (id: string, kind: string, lines: [account: string, side: 'debit' | 'credit', amountMinor: bigint][]) =>
  newEvent(ledgerEntryPosted, id, {
    ...{ entry_id: id, kind: 'books', reference: { kind, id: 'x' }, posted_at: at },
    postings: lines.map(([account, side, amount_minor]) => ({
      ...{ account_id: `house:${account}:USD`, side, amount_minor, currency: 'USD', balance_after_minor: 0n },
    })),
  })

const state = (bill_number: string, paid: bigint, version: number) =>
  ({
    ...{ bill_number, customer_id: 'CUST-1', customer_name: '=Raj Traders', created_by: 'user:1', currency: 'USD' },
    ...{ total_minor: 50_000n, credited_minor: 0n, paid_minor: paid, refunded_minor: 0n, due_minor: 50_000n - paid },
    ...{
      status: 'confirmed' as const,
      payment_status: paid === 0n ? ('pending' as const) : ('partial' as const),
      day: '2026-03-10',
      due_on: '2026-03-20',
    },
    ...{ version, occurred_at: at },
  }) as const

const sale = (bill: string) =>
  newEvent(saleConfirmed, bill, {
    ...state(bill, 0n, 1),
    ...{ warehouse_id: 'main', subtotal_minor: 50_000n, discount_minor: 0n, tax_minor: 0n, cost_minor: 30_000n },
    lines: [
      {
        ...{ item_id: 'bottle', item_name: 'Bottle ₹', quantity: 100, unit_price_minor: 500n, total_minor: 50_000n },
        ...{ discount_minor: 0n, tax_minor: 0n, cost_minor: 30_000n },
      },
    ],
  })
const payment = { payment_id: 'p1', amount_minor: 20_000n, method: 'cash', reference: null } as const
const stock = (version: number, quantity: number, type: string) =>
  newEvent(stockChanged, 'bottle', {
    ...{
      item_id: 'bottle',
      warehouse_id: 'main',
      on_hand: 300,
      reserved: 20,
      incoming: 0,
      value_minor: 90_000n,
      currency: 'USD',
    },
    ...{ cause: { kind: 'sale', id: 'S1', step: 'confirm' }, version, effective_at: at, posted_at: at },
    moves: [{ move_id: `m${version}`, seq: version, type, quantity, value_minor: BigInt(quantity) * 300n }],
  })

const orderLine = (product: string, vendorId: string, seller: 'house' | 'vendor') => ({
  ...{ product, name: product, item_id: product, vendor_id: vendorId, seller, quantity: 2, unit_price_minor: 1_000n },
  ...{ discount_minor: 0n, tax_minor: 0n, total_minor: 2_000n, cost_minor: 500n },
})
const order = newEvent(orderPaid, 'ORD-1', {
  ...{ order_number: 'ORD-1', user_id: 'u1', username: 'raj', status: 'processing', payment_method: 'wallet' },
  ...{
    payment_status: 'paid',
    currency: 'USD',
    coupon: null,
    subtotal_minor: 6_000n,
    discount_minor: 0n,
    tax_minor: 0n,
  },
  ...{
    shipping_minor: 0n,
    total_minor: 6_000n,
    placed_at: '2025-05-05T06:00:00.000Z',
    occurred_at: '2025-05-05T06:01:00.000Z',
  },
  lines: [orderLine('lamp', 'v1', 'vendor'), orderLine('chair', 'v2', 'vendor'), orderLine('own', 'house', 'house')],
})

const events: Envelope[] = [
  order,
  entry('e1', 'sale', [['receivables', 'debit', 50_000n], ['sales_revenue', 'credit', 50_000n]]), // prettier-ignore
  entry('e2', 'sale', [['cost_of_goods_sold', 'debit', 30_000n], ['inventory', 'credit', 30_000n]]), // prettier-ignore
  entry('e3', 'opening', [['inventory', 'debit', 30_000n], ['opening_balances', 'credit', 30_000n]]), // prettier-ignore
  newEvent(salePaymentReceived, 'SO-1', { ...state('SO-1', 20_000n, 2), ...payment }),
  sale('SO-1'),
  sale('SO-2'),
  stock(2, -100, 'issue'),
  stock(1, 400, 'receipt'),
  stock(1, 400, 'receipt'),
]

const get = (name: string, query: object, role: 'admin' | 'staff' | 'viewer' | 'vendor' | 'customer' = 'admin') =>
  request(service.url)
    .get(`/api/v1/reports/${name}`)
    .query(query)
    .set('authorization', `Bearer ${service.tokens.userToken(role)}`)
const report = (name: string, query: object = {}) => get(name, query)

const binary = async (name: string, query: object): Promise<Buffer> => {
  const { body } = await get(name, query)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done(null, Buffer.concat(chunks)))
    })
  return body as Buffer
}

test('the trial balance has every account with what it moved, and debits equal credits', async () => {
  const { body } = await report('ledger')
  expect(body).toMatchObject({ total_credit: 1100, difference: 0, total_rows: 5 })
  expect(body).toMatchObject({ rows: expect.arrayContaining([{ account: 'inventory', type: 'asset', debit: 300, credit: 300, balance: 0 }]) }) // prettier-ignore
})

test('profit is revenue less costs, in the days of the zone that is asked for', async () => {
  const inMarch = await report('profit-loss', { from: '2026-03-01', to: '2026-03-31' })
  expect(inMarch.body).toMatchObject({
    revenue: 500,
    cost_of_goods_sold: 300,
    gross_profit: 200,
    profit: 200,
    margin: 0.4,
  })
  const before = await report('profit-loss', { to: '2026-03-09', tz: 'Asia/Kolkata' })
  expect(before.body).toMatchObject({ revenue: 0, profit: 0, rows: [] })
  const costs = await report('costs', { from: '2026-03-10', to: '2026-03-10' })
  expect(costs.body).toMatchObject({
    total: 300,
    rows: [{ account: 'cost_of_goods_sold', about: 'sale', amount: 300, share: 1 }],
  })
})

test('customers, sales, stock, receivables and reconciliation tell the same story, whatever the order of the events', async () => {
  const march = { from: '2026-03-01', to: '2026-03-31' }
  expect((await report('customers', march)).body).toMatchObject({
    rows: [
      { customer_id: 'CUST-1', bills: 2, sales: 1000, paid: 200, due: 800, overdue: expect.any(Number), profit: 400 },
    ],
  })
  expect((await report('sales-summary', march)).body).toMatchObject({
    ...{ bills: 2, quantity: 200, revenue: 1000, profit: 400, margin: 0.4, average_bill: 500 },
    rows: [{ item_id: 'bottle', item_name: 'Bottle ₹', quantity: 200, returned: 0, profit: 400 }],
  })
  expect((await report('receivables', { to: '2026-04-10' })).body).toMatchObject({
    days_1_30: 800,
    total: 800,
    bills: 2,
  })
  expect((await report('stock')).body).toMatchObject({
    rows: [
      { item_id: 'bottle', class: 'A', on_hand: 300, available: 280, value: 900, unit_cost: 3, used_in_year: 300 },
    ],
  })
  expect((await report('duplicates', march)).body).toMatchObject({
    rows: [{ bill_number: 'SO-2', duplicate_of: 'SO-1' }],
  })
  expect((await report('reconciliation', march)).body).toMatchObject({ bills: 2, differences: 0, due: 800 })
})

test('what vendors sell in the shop is theirs: each sees their own, and the sales of the house leave it out', async () => {
  const own = await request(service.url)
    .get('/api/v1/reports/vendor')
    .set('authorization', `Bearer ${service.tokens.userToken('vendor', 'v1')}`)
  expect(own.body).toMatchObject({ units: 2, revenue: 20, rows: [{ product: 'lamp', vendor_id: 'v1', units: 2 }] })
  expect((await report('vendor')).body).toMatchObject({ products: 2, total_rows: 2 })
  expect((await report('vendor', { page_size: 1 })).body).toMatchObject({ next_page: 2, prev_page: null })
  const may = await report('sales-summary', { from: '2025-05-01', to: '2025-05-31' })
  expect(may.body).toMatchObject({ bills: 1, revenue: 20, profit: 15, rows: [{ item_id: 'own' }] })
})

test('an export holds what the report says, as CSV, XLSX and PDF', async () => {
  const csv = await get('customers', { format: 'csv' })
  expect(csv.headers['content-type']).toContain('text/csv')
  expect(csv.text.split('\r\n')[1]).toMatch(/^CUST-1,'=Raj Traders,2,1000\.00/)
  const [, cells] = (await readExcel(await binary('customers', { format: 'xlsx' })))[0]?.data ?? []
  expect(cells?.slice(0, 4)).toEqual(['CUST-1', "'=Raj Traders", 2, 1000])
  const [page = ''] = pdfText(await binary('profit-loss', { format: 'pdf', from: '2026-03-01' }))
  for (const words of [
    'Profit and loss',
    '2026-03-01 to today',
    'cost_of_goods_sold',
    '300.00',
    'Profit and loss by month',
  ])
    expect(page).toContain(words)
})

test('a report is kept for an hour, and an administrator may have it made anew', async () => {
  const query = { from: '2026-03-02', to: '2026-03-31' }
  const first = await report('customers', query)
  const again = await report('customers', query)
  expect(again.body).toEqual(first.body)
  const fresh = await report('customers', { ...query, fresh: 'true' })
  expect(fresh.body.generated_at > first.body.generated_at).toBe(true)
  expect((await report('customers', query)).body.generated_at).toBe(fresh.body.generated_at)
  expect((await get('customers', { ...query, fresh: 'true' }, 'staff')).status).toBe(403)
})

test('who only reads sees the names of customers masked', async () => {
  const { body } = await get('customers', {}, 'viewer')
  expect(body.rows[0]).toMatchObject({ customer_id: 'CUST-1', customer_name: '=*** T***' })
  expect((await get('customers', {}, 'customer')).status).toBe(403)
  expect((await get('ledger', {}, 'staff')).status).toBe(403)
})

test.each([
  ['from', 'x'],
  ['page', '0'],
  ['format', 'doc'],
  ['tz', 'Mars/Base'],
  ['colour', 'red'],
])('the query %s=%s is refused', async (name, value) => {
  // prettier-ignore
  expect((await report('customers', { [name]: value })).status).toBe(422)
})

test('a picture has its title and axes', async () => {
  const { body, headers } = await report('profit-loss/chart.svg')
  expect(headers['content-type']).toContain('image/svg+xml')
  const svg = (body as Buffer).toString()
  for (const words of ['Profit and loss by month', '>USD<', '2026-03']) expect(svg).toContain(words)
})

test('a file is made behind the request, and its job tells where it is', async () => {
  const asAdmin = { authorization: `Bearer ${service.tokens.userToken('admin')}` }
  const begun = await request(service.url)
    .post('/api/v1/reports/customers/exports')
    .set(asAdmin)
    .send({ format: 'csv' })
  expect(begun.status).toBe(202)
  const { id } = begun.body as { id: string }
  const { result } = await eventually(async () => {
    const { body } = await request(service.url).get(`/api/v1/jobs/${id}`).set(asAdmin)
    expect(body).toMatchObject({ status: 'succeeded', progress: { done: 1, total: 1 } })
    return body as { result: { url: string } }
  })
  const file = await request(service.url).get(result.url.replace(/^https?:\/\/[^/]+/, ''))
  expect(file.text).toContain('CUST-1')
})

test('every report answers, with or without data, and its example fits', async () => {
  const names = ['suppliers', 'efficiency', 'analytics', 'forecasts', 'predictions', 'anomalies', 'loans/delinquency']
  for (const name of names) expect([name, (await report(name)).status]).toEqual([name, 200])
})
