import { once } from 'node:events'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { countPosted, stockChanged } from '@countinghouse/shared/contracts/inventory'
import { saleConfirmed, salePaymentReceived } from '@countinghouse/shared/contracts/sales'
import { orderPaid, productRated } from '@countinghouse/shared/contracts/shop'
import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { createLog } from '@countinghouse/shared/log'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { connectRedis } from '@countinghouse/shared/redis'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { pdfText } from '@countinghouse/shared/testing/pdfText'
import { publishEvents } from '@countinghouse/shared/testing/publish'
import { testServers } from '@countinghouse/shared/testing/servers'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import readExcel from 'read-excel-file/node'
import request from 'supertest'
import { reportingService } from '../app.js'
import { pipelineByDay, pipelineByItem } from '../trade/moved.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(reportingService, { REPORT_CACHE_TTL: 3600, REPORT_NIGHTLY_AT: '02:00' })
  await publishEvents(service.rabbitmqUrl, events)
  await eventually(async () => {
    const { body } = await report('ledger')
    expect(body).toMatchObject({ total_debit: 2400 })
    expect(body.as_of >= (events.at(-1)?.time ?? '')).toBe(true)
  })
})
afterAll(() => service.close())

const at = '2026-03-10T06:00:00.000Z'
type EntryLine = [account: string, side: 'debit' | 'credit', amountMinor: bigint]
const entry = (id: string, kind: string, lines: EntryLine[], document = 'x', posted_at = at) =>
  newEvent(ledgerEntryPosted, id, {
    ...{ entry_id: id, kind: 'books', reference: { kind, id: document }, posted_at },
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

const counted = (number: number, found: number) =>
  newEvent(countPosted, `count-${number}`, {
    ...{ stock_count_id: `count-${number}`, warehouse_id: 'main', note: null, currency: 'USD', posted_at: at },
    lines: [{ item_id: 'bottle', expected: 100, counted: found, value_minor: BigInt(found - 100) * 300n }],
    ...{ counted_by: 'ana', recounted_by: null, reviewed_by: 'raj', posted_by: 'eve' },
  })
const rated = (
  product: string,
  vendor_id: string,
  { sum, count, version }: Record<'sum' | 'count' | 'version', number>,
) =>
  // prettier-ignore
  newEvent(productRated, product, {
    ...{ product, name: product, item_id: product, vendor_id, seller: 'vendor', version, occurred_at: at },
    ...{ rating_sum: sum, rating_count: count },
  })

const events: Envelope[] = [
  order,
  ...['SO-1', 'SO-2'].flatMap((bill) => [
    entry(`${bill} sold`, 'sale', [['receivables', 'debit', 50_000n], ['sales_revenue', 'credit', 50_000n]], bill), // prettier-ignore
    entry(`${bill} cost`, 'sale', [['cost_of_goods_sold', 'debit', 30_000n], ['inventory', 'credit', 30_000n]], bill), // prettier-ignore
  ]),
  entry('opening', 'opening', [['inventory', 'debit', 60_000n], ['opening_balances', 'credit', 60_000n]]), // prettier-ignore
  entry('paid', 'sale', [['cash', 'debit', 20_000n], ['receivables', 'credit', 20_000n]], 'SO-1', '2026-03-25T06:00:00.000Z'), // prettier-ignore
  counted(1, 94),
  counted(2, 97),
  rated('lamp', 'v1', { sum: 9, count: 2, version: 5 }),
  rated('lamp', 'v1', { sum: 5, count: 1, version: 4 }),
  rated('rug', 'v1', { sum: 4, count: 1, version: 6 }),
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
  expect(body).toMatchObject({ total_credit: 2400, difference: 0, total_rows: 6 })
  expect(body).toMatchObject({ rows: expect.arrayContaining([{ account: 'inventory', type: 'asset', debit: 600, credit: 600, balance: 0 }]) }) // prettier-ignore
})

test('profit is revenue less costs, in the days of the zone that is asked for', async () => {
  const inMarch = await report('profit-loss', { from: '2026-03-01', to: '2026-03-31' })
  expect(inMarch.body).toMatchObject({
    revenue: 1000,
    cost_of_goods_sold: 600,
    gross_profit: 400,
    profit: 400,
    margin: 0.4,
  })
  const before = await report('profit-loss', { to: '2026-03-09', tz: 'Asia/Kolkata' })
  expect(before.body).toMatchObject({ revenue: 0, profit: 0, rows: [] })
  const costs = await report('costs', { from: '2026-03-10', to: '2026-03-10' })
  expect(costs.body).toMatchObject({
    total: 600,
    rows: [{ account: 'cost_of_goods_sold', about: 'sale', amount: 600, share: 1 }],
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

test('receivables of any past day are what the books had on that day, by how late each bill was then', async () => {
  const owed = async (to: string) => (await report('receivables', { to })).body as Record<string, unknown>
  expect(await owed('2026-03-09')).toMatchObject({ on: '2026-03-09', total: 0, bills: 0, rows: [] })
  expect(await owed('2026-03-20')).toMatchObject({ not_due: 1000, total: 1000, bills: 2 })
  expect(await owed('2026-04-10')).toMatchObject({
    ...{ not_due: 0, days_1_30: 800, total: 800, bills: 2 },
    rows: [{ customer_id: 'CUST-1', days_1_30: 800, bills: 2 }],
  })
  expect(await owed('2026-08-01')).toMatchObject({ days_over_90: 800 })
  for (const to of ['2026-03-09', '2026-03-20', '2026-04-10']) {
    const { rows } = (await report('ledger', { to })).body as { rows: { account: string; balance: number }[] }
    const inBooks = rows.find(({ account }) => account === 'receivables')?.balance ?? 0
    expect(await owed(to)).toMatchObject({ total: inBooks })
  }
})

test('a count that is far off is an anomaly, one that is nearly right is none', async () => {
  const { body } = await report('anomalies', { from: '2026-03-10', to: '2026-03-10' })
  expect(body).toMatchObject({ count_variance: 1 })
  const found = (body as { rows: { kind: string }[] }).rows.filter(({ kind }) => kind === 'count_variance')
  expect(found).toMatchObject([{ subject: 'bottle', at, why: '94 counted where 100 were expected, more than 5 % off' }])
})

test('what vendors sell in the shop is theirs: each sees their own, and the sales of the house leave it out', async () => {
  const own = await request(service.url)
    .get('/api/v1/reports/vendor')
    .set('authorization', `Bearer ${service.tokens.userToken('vendor', 'v1')}`)
  expect(own.body).toMatchObject({
    ...{ products: 2, units: 2, revenue: 20, rating: 4.33, ratings: 3 },
    rows: [
      { product: 'lamp', vendor_id: 'v1', units: 2, rating: 4.5, ratings: 2 },
      { product: 'rug', vendor_id: 'v1', units: 0, revenue: 0, rating: 4, ratings: 1 },
    ],
  })
  expect((await report('vendor')).body).toMatchObject({ products: 3, total_rows: 3 })
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
    '600.00',
    'Profit and loss by month',
  ])
    expect(page).toContain(words)
})

test('a report is kept for an hour, and an administrator may have it made anew', async () => {
  const query = { from: '2026-03-02', to: '2026-03-31' }
  const many = await Promise.all(Array.from({ length: 20 }, () => report('customers', query)))
  const [first = await report('customers', query)] = many
  // Of many who ask at once, one makes it.
  for (const { body } of [...many, await report('customers', query)]) expect(body).toEqual(first.body)
  const redis = connectRedis(testServers().redisUrl, createLog('test', 'silent'))
  if (redis.status !== 'ready') await once(redis, 'ready')
  const kept = await redis.keys(`${service.db.name}:reports:customers:*`)
  const seconds = await Promise.all(kept.map((key) => redis.ttl(key)))
  redis.disconnect()
  expect(Math.max(...seconds)).toBeGreaterThan(3500)
  expect(Math.max(...seconds)).toBeLessThanOrEqual(3600)
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

test('forecasts and stock are added up by the database from the index of moves alone', async () => {
  const explained = (pipeline: object[]) =>
    service.db.collection('stock_moves').aggregate(pipeline).explain('queryPlanner')
  const asked = [pipelineByDay(['bottle'], 'Asia/Kolkata'), pipelineByItem('2026-11-21')]
  const plans = inspect(await Promise.all(asked.map(explained)), { depth: null })
  expect(plans).toContain('PROJECTION_COVERED')
  expect(plans).not.toMatch(/COLLSCAN|'FETCH'/)
  const { body } = await report('forecasts', { item_id: 'bottle' })
  expect(body).toMatchObject({ items: 1, total_rows: 28, rows: expect.arrayContaining([expect.objectContaining({ item_id: 'bottle' })]) }) // prettier-ignore
})

test('every report answers, with or without data, and its example fits', async () => {
  const names = ['suppliers', 'efficiency', 'analytics', 'forecasts', 'predictions', 'anomalies', 'loans/delinquency']
  for (const name of names) expect([name, (await report(name)).status]).toEqual([name, 200])
})
