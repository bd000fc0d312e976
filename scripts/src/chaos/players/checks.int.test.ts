import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { freshDatabase } from '@countinghouse/shared/testing/database'
import type { mongo } from 'mongoose'
import type { Attempt, Happened } from '../tally.js'
import type { Databases, Player } from './player.js'
import { shop } from './shop.js'
import { trade } from './trade.js'

const house = await freshDatabase()
const db = house.db.db as mongo.Db
const databases = { 'inventory-service': db, 'wallet-service': db } as unknown as Databases
afterAll(() => house.close())

const attempt = (kind: string, marker: string, told: string, moves: Attempt['moves'] = {}): Attempt => ({
  ...{ kind, marker, told, moves, outcome: 'acknowledged', failures: 0 },
})
const attempts = [
  attempt('purchase', 'p1', 'PO-261121-0001', { cup: 10n, 'chaos-vendor': 5n }),
  attempt('sale', 's1', 'SO-261121-0001', { cup: -3n }),
  attempt('sale', 's2', 'SO-261121-0002', { cup: -2n }),
  attempt('paid order', 'o1', 'ORD-1', { cup: -1n }),
  attempt('paid order', 'o2', 'ORD-2', { 'chaos-vendor': -2n }),
  attempt('returned order', 'o2', '', { 'chaos-vendor': 1n }),
]

type Rows = Record<string, object[]>
const level = (onHand: number, reserved: number, valueMinor: bigint) => ({ levels: [{ onHand, reserved, valueMinor }] })
const ended = { status: 'delivered', paidAt: new Date(0), step: 'settled' }
const back = { id: 'back', status: 'received', refundMinor: 700n }
const cups = { _id: 'cup', ...level(4, 0, 400n) }
const vendors = { _id: 'chaos-vendor', ...level(4, 0, 0n) }
const [kept, returned] = [
  { _id: 'ORD-1', shipping: { name: 'o1' }, lines: [{ itemId: 'cup', quantity: 1, returned: 0 }], totalMinor: 700n, returns: [], refunds: [], ...ended }, // prettier-ignore
  { _id: 'ORD-2', shipping: { name: 'o2' }, lines: [{ itemId: 'chaos-vendor', quantity: 2, returned: 1 }], totalMinor: 1400n, returns: [back], refunds: [{ reason: 'Return back', status: 'done' }], ...ended }, // prettier-ignore
]
const [payment, refunded] = [
  { _id: 'pay', purpose: { kind: 'order', id: 'ORD-1' }, status: 'succeeded', amountReceivedMinor: 700n, amountRefundedMinor: 0n }, // prettier-ignore
  { _id: 'paid', purpose: { kind: 'order', id: 'ORD-2' }, status: 'succeeded', amountReceivedMinor: 1400n, amountRefundedMinor: 700n }, // prettier-ignore
]
const left = (order: string, quantity: number) => ({ cause: { kind: 'order', id: order }, quantity })
const goods = [left('ORD-2', -2), left('ORD-2', 1)]
const owed = [
  { _id: 'house:vendor_payables:USD', postedMinor: 630n },
  { _id: 'house:commission_income:USD', postedMinor: 70n },
]
const good: Rows = {
  purchases: [{ _id: 'PO-261121-0001', notes: 'p1' }],
  sales: [
    { _id: 'SO-261121-0001', notes: 's1', cancelledAt: null },
    { _id: 'SO-261121-0002', notes: 's2', cancelledAt: null },
  ],
  stocks: [cups, vendors],
  accounts: [{ _id: 'house:inventory:USD', postedMinor: 400n }, ...owed],
  orders: [kept, returned],
  payments: [payment, refunded],
  stock_moves: [left('ORD-1', -1), ...goods],
}

const store = async (rows: Rows): Promise<void> => {
  for (const [collection, documents] of Object.entries(rows)) {
    await db.collection(collection).deleteMany({})
    if (documents.length > 0) await db.collection(collection).insertMany(documents)
  }
}
beforeEach(() => store(good))

/** What the players complain of, once these collections are otherwise. */
const complaints = async (changed: Rows): Promise<string[]> => {
  await store(changed)
  const found = { ...(await trade.found(databases)), ...(await shop.found(databases)) }
  const of = async ({ checks = {}, problems }: Player, happened: Happened) => [
    ...(await Promise.all(Object.values(checks).map((check) => check(databases, happened)))).flat(),
    ...((await problems?.(databases)) ?? []),
  ]
  const happened = { attempts, found }
  return [...new Set([...(await of(trade, happened)), ...(await of(shop, happened))])]
}

test('what stands as clients were told gives nothing to complain of', async () => {
  expect(await complaints({})).toEqual([])
})

test.each<[string, Rows, string[]]>([
  [
    'a sale that is gone',
    { sales: good['sales']?.slice(1) ?? [] },
    ['sale s1 was told as SO-261121-0001, and is not there', 'SO-261121-1 is missing', 'there are 4 of cup, not 7'],
  ],
  [
    'goods that left twice for one sale',
    { stocks: [{ _id: 'cup', ...level(1, 2, 100n) }, vendors] },
    ['there are 1 of cup, not 4', 'the stock is worth 100, and 400 in the books', 'the stock of cup is below zero'],
  ],
  ['an entry that never reached the books', { accounts: owed }, ['the stock is worth 400, and 0 in the books']],
  [
    'an order that is gone though it was paid',
    { orders: [returned], stocks: [{ _id: 'cup', ...level(5, 0, 400n) }, vendors] },
    ['paid order o1 was told as ORD-1, and is not there', 'a payment is for the order ORD-1, which is not there'],
  ],
  [
    'an order that was paid twice, and whose goods never left',
    { payments: [payment, { ...payment, _id: 'again' }, refunded], stock_moves: goods },
    ['order ORD-1 has 2 payments', '1400 was paid for order ORD-1', '0 pieces left for order ORD-1'],
  ],
  [
    'a return that was paid back twice, and whose goods came back twice',
    { payments: [payment, { ...refunded, amountRefundedMinor: 1400n }], stock_moves: [...(good['stock_moves'] ?? []), left('ORD-2', 1)] }, // prettier-ignore
    ['0 was paid for order ORD-2', '0 pieces left for order ORD-2'],
  ],
  [
    'a vendor who is owed for what came back',
    { accounts: [{ _id: 'house:inventory:USD', postedMinor: 400n }, { ...owed[0], postedMinor: 1260n }, ...owed.slice(1)] }, // prettier-ignore
    ['vendor_payables is 1260 for 1 pieces of a vendor'],
  ],
])('the checks find %s', async (_, changed, expected) => {
  expect(await complaints(changed)).toEqual(expected)
})
