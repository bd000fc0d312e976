import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { agesOf, classesOf } from './ageing.js'
import { paymentProblemOf, suspectIn } from './checking.js'
import { learnBill, type Bill, type BillNews, type Goods } from './domain.js'

const at = (version: number) => new Date(Date.UTC(2026, 0, 1, version))
const goods = (quantity: number, netMinor = 1000n): Goods => ({
  ...{ itemId: 'bottle', itemName: 'Bottle', quantity, unitPriceMinor: 10n, netMinor, taxMinor: 0n, costMinor: 600n },
})
const news = (version: number, more: Partial<BillNews> = {}, state: Partial<BillNews['state']> = {}): BillNews => ({
  ...{ kind: 'sale', number: 'SO-1', version, at: at(version) },
  state: {
    ...{ partyId: 'c1', partyName: 'Raj', createdBy: 'user:1', currency: 'USD', totalMinor: 1000n, creditedMinor: 0n },
    ...{ paidMinor: 0n, refundedMinor: 0n, dueMinor: 1000n, status: 'confirmed', paymentStatus: 'pending' },
    ...{ day: '2026-01-01', dueOn: '2026-01-31', ...state },
  },
  ...more,
})
const learnAll = (all: readonly BillNews[]): Bill => {
  const bill = all.reduce<Bill | undefined>(learnBill, undefined)
  if (!bill) throw new Error('Nothing was learned')
  return bill
}

const life: BillNews[] = [
  news(1, { lines: [goods(100)] }),
  news(2, { payment: { id: 'p1', amountMinor: 400n, at: at(2) } }, { paidMinor: 400n, dueMinor: 600n, paymentStatus: 'partial' }),
  news(3, {}, { status: 'shipped', paidMinor: 400n, dueMinor: 600n, paymentStatus: 'partial' }),
  news(4, { returned: { step: 'r1', goods: [goods(10, 100n)] } }, { status: 'shipped', paidMinor: 400n, creditedMinor: 100n, dueMinor: 500n, paymentStatus: 'partial' }),
] // prettier-ignore

test('law: a bill is the same in whatever order and however often its events come', () => {
  const sorted = ({ returned, payments, ...bill }: Bill) => ({ ...bill, returned, payments })
  const expected = sorted(learnAll(life))
  expect(expected).toMatchObject({
    status: 'shipped',
    dueMinor: 500n,
    version: 4,
    madeAt: at(1),
    lines: [{ quantity: 100 }],
  })
  const orders = fc.shuffledSubarray([...life, ...life], { minLength: 8, maxLength: 8 })
  fc.assert(fc.property(orders, (order) => expect(sorted(learnAll(order))).toEqual(expected)))
})

test('a bill whose payments come to what it says has no problem; any other names it', () => {
  expect(paymentProblemOf(learnAll(life))).toBeUndefined()
  const unpaid = learnAll([news(1), news(2, {}, { paidMinor: 400n, dueMinor: 600n, paymentStatus: 'partial' })])
  expect(paymentProblemOf(unpaid)).toMatchObject({ differenceMinor: 400n, why: 'The bill says 4.00 is paid, its payments come to 0.00' }) // prettier-ignore
  const wrong = learnAll([news(1, {}, { paymentStatus: 'paid' })])
  expect(paymentProblemOf(wrong)).toMatchObject({ expectedStatus: 'pending', why: 'The bill is paid, by its payments it is pending' }) // prettier-ignore
})

test('bills of one party over one amount are suspected within three days, not later, not of others', () => {
  const bill = (number: string, day: string, partyId = 'c1') =>
    learnAll([news(1, { number, lines: [goods(100)] }, { day, partyId })])
  const bills = [
    bill('A', '2026-01-01'),
    bill('B', '2026-01-04'),
    bill('C', '2026-01-08'),
    bill('D', '2026-01-08', 'c2'),
  ]
  const suspects = bills.flatMap((one, index) => suspectIn(bills[index - 1], one))
  expect(suspects.map(({ bill: { number }, earlier, why }) => [number, earlier.number, why])).toEqual([
    ['B', 'A', 'The same lines 3 days apart'],
  ])
})

test('what lies there is of the last arrivals, because what came first left first', () => {
  const arrivals = { days_0_30: 50, days_31_60: 30, days_61_90: 100 }
  expect(agesOf(100, arrivals)).toEqual({ days_0_30: 50, days_31_60: 30, days_61_90: 20, days_over_90: 0 })
  expect(agesOf(200, arrivals)).toEqual({ ...arrivals, days_over_90: 20 })
  expect(agesOf(10, arrivals)).toEqual({ days_0_30: 10, days_31_60: 0, days_61_90: 0, days_over_90: 0 })
})

test('items are A up to four fifths of what is used, B up to 95 %, the rest C', () => {
  const used = new Map([['a', 700n], ['b', 150n], ['c', 100n], ['d', 50n], ['e', 0n]]) // prettier-ignore
  expect([...classesOf(used)]).toEqual([['a', 'A'], ['b', 'A'], ['c', 'B'], ['d', 'C'], ['e', 'C']]) // prettier-ignore
})
