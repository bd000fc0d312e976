import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { bookGoodsBack, bookPayment, bookRefund, bookSale, type Sides } from './books.js'
import { assertCredit, confirmSale, type SaleDraft } from './confirm.js'
import { priceSale, type AskedLine } from './pricing.js'
import { creditMinor, dueMinor, keptMinor, type Sale } from './sale.js'
import { amountToPay, cancel, failPayment, hide, pay, refund, ship, takeGoodsBack } from './steps.js'

const now = new Date('2025-12-23T14:30:00Z')
const line = (itemId: string, quantity: number, unitPriceMinor: bigint, discountMinor = 0n): AskedLine => ({
  ...{ itemId, quantity, unitPriceMinor, discountMinor, blowPriceMinor: null },
})

const sell = (
  lines: AskedLine[],
  { discountMinor = 0n, taxRateBps = 0n, costsMinor = lines.map(() => 0n) } = {},
): Sale => {
  const priced = priceSale({ lines, discountMinor, taxRateBps })
  const draft: SaleDraft = {
    ...{ ...priced, lines: priced.lines.map((one) => ({ ...one, itemName: one.itemId })) },
    ...{ saleId: 'sale', customerId: 'CUST-001', customerName: 'ABC Grocery', warehouseId: 'main', currency: 'USD' },
    ...{ taxRateBps, dueOn: null, notes: null, createdBy: 'USER-RAJ' },
  }
  return confirmSale(draft, { number: 'SO-251223-0026', costsMinor, day: '2025-12-23', dueOn: '2026-01-22', now })
}
const sample = () => sell([line('amber', 100, 400n), line('clear', 50, 600n)], { costsMinor: [21_100n, 16_000n] })

const refusalOf = (act: () => unknown): string | undefined => {
  try {
    act()
  } catch (error) {
    return (error as { code?: string }).code
  }
  return undefined
}

test('a bill is the sum of its lines, each quantity times price', () => {
  expect(sample()).toMatchObject({
    totalMinor: 70_000n,
    costMinor: 37_100n,
    status: 'confirmed',
    paymentStatus: 'pending',
  })
})

test('a discount on the bill is split over its lines to the last cent, and tax is rounded line by line', () => {
  const sale = sell([line('a', 1, 333n), line('b', 1, 333n), line('c', 1, 334n)], {
    discountMinor: 100n,
    taxRateBps: 725n,
  })
  expect(sale.lines.map(({ discountMinor }) => discountMinor)).toEqual([33n, 33n, 34n])
  expect(sale.lines.map(({ taxMinor }) => taxMinor)).toEqual([22n, 22n, 22n])
  expect(sale.totalMinor).toBe(966n)
})

test('a bill above ten digits is refused', () => {
  expect(refusalOf(() => sell([line('a', 1_000_000, 1_000_000n)]))).toBe('bill_too_large')
})

test('payments lead from pending over partial to paid, and no more is taken than is owed', () => {
  const partial = pay(sample(), amountToPay(sample(), 30_000n), now)
  expect(partial).toMatchObject({ paymentStatus: 'partial', paidMinor: 30_000n })
  expect(refusalOf(() => amountToPay(partial, 40_001n))).toBe('exceeds_bill')
  const paid = pay(partial, amountToPay(partial, undefined), now)
  expect(paid).toMatchObject({ paymentStatus: 'paid', status: 'confirmed', paidMinor: 70_000n })
  expect(refusalOf(() => amountToPay(paid, undefined))).toBe('nothing_due')
})

test('a sale is paid when it is shipped and nothing is owed any more', () => {
  const shipped = ship(sample(), now)
  expect(shipped.status).toBe('shipped')
  expect(pay(shipped, 70_000n, now).status).toBe('paid')
  expect(refusalOf(() => ship(shipped, now))).toBe('sale_step_refused')
})

test('a failed attempt shows until money comes, and changes nothing else', () => {
  const failed = failPayment(sample(), now)
  expect(failed).toMatchObject({ paymentStatus: 'failed', paidMinor: 0n, status: 'confirmed' })
  expect(pay(failed, 1n, now).paymentStatus).toBe('partial')
  expect(pay(failed, 70_000n, now).paymentStatus).toBe('paid')
})

test('a cancelled sale owes back what was paid, and is hidden only when that is done', () => {
  const { sale } = cancel(pay(sample(), 30_000n, now), now)
  expect([sale.status, creditMinor(sale), dueMinor(sale)]).toEqual(['cancelled', 30_000n, 0n])
  expect(refusalOf(() => hide(sale, now))).toBe('sale_has_payments')
  expect(refusalOf(() => cancel(sale, now))).toBe('sale_cancelled')
  expect(hide(refund(sale, 30_000n, now), now).deletedAt).toBe(now)
  expect(refusalOf(() => cancel(ship(sample(), now), now))).toBe('sale_step_refused')
})

test('money paid twice goes back, and is owed as before', () => {
  const twice = pay(pay(sample(), 30_000n, now), 30_000n, now)
  const once = refund(twice, 30_000n, now)
  expect([dueMinor(once), once.paymentStatus]).toEqual([40_000n, 'partial'])
  expect(refusalOf(() => refund(once, 30_001n, now))).toBe('exceeds_payments')
})

test('goods of one item on two lines come back from the first line first, and no more than were sold', () => {
  const sale = sell([line('a', 3, 100n), line('a', 2, 90n)])
  const { returned, sale: after } = takeGoodsBack(sale, [{ itemId: 'a', quantity: 4 }], now)
  expect(returned.map(({ quantity, netMinor }) => [quantity, netMinor])).toEqual([[3, 300n], [1, 90n]]) // prettier-ignore
  expect(refusalOf(() => takeGoodsBack(after, [{ itemId: 'a', quantity: 2 }], now))).toBe('return_above_sold')
  expect(refusalOf(() => takeGoodsBack(sale, [{ itemId: 'b', quantity: 1 }], now))).toBe('return_above_sold')
})

test('a customer may owe as much as the limit says, and not a cent more', () => {
  const { lines, ...amounts } = priceSale({ lines: [line('a', 1, 100n)], discountMinor: 0n, taxRateBps: 0n })
  const draft = { ...amounts, customerId: 'c', currency: 'USD', lines } as unknown as SaleDraft
  assertCredit(draft, { limitMinor: 300n, owedMinor: 200n })
  expect(refusalOf(() => { assertCredit(draft, { limitMinor: 300n, owedMinor: 201n }) })).toBe('credit_limit') // prettier-ignore
})

type Ledger = Map<string, bigint>
const enter = (ledger: Ledger, sides: Sides): void => {
  let balance = 0n
  for (const [account, debitMinor] of Object.entries(sides)) {
    balance += debitMinor
    ledger.set(account, (ledger.get(account) ?? 0n) + debitMinor)
  }
  expect(balance).toBe(0n)
}

const anyLine = fc.record({
  itemId: fc.constantFrom('a', 'b', 'c'),
  quantity: fc.integer({ min: 1, max: 50 }),
  unitPriceMinor: fc.bigInt({ min: 0n, max: 10_000n }),
  costMinor: fc.bigInt({ min: 0n, max: 9_999n }),
})
const anyStep = fc.record({
  kind: fc.constantFrom('pay', 'refund', 'return', 'waste', 'ship', 'cancel'),
  part: fc.integer({ min: 1, max: 100 }),
})

test('whatever happens to a sale, each step balances and the books hold what is due, owed, paid and in stock', () => {
  const law = fc.property(
    fc.array(anyLine, { minLength: 1, maxLength: 4 }),
    fc.bigInt({ min: 0n, max: 2_500n }),
    fc.array(anyStep, { maxLength: 12 }),
    (asked, taxRateBps, steps) => {
      // prettier-ignore
      const lines = asked.map((one) => line(one.itemId, one.quantity, one.unitPriceMinor))
      const ledger: Ledger = new Map()
      let sale = sell(lines, { taxRateBps, costsMinor: asked.map(({ costMinor }) => costMinor) })
      let lostMinor = 0n
      enter(ledger, bookSale(sale))
      for (const { kind, part } of steps) {
        const before = sale
        const share = (amountMinor: bigint) => (amountMinor * BigInt(part)) / 100n
        if (kind === 'pay' && share(dueMinor(sale)) > 0n && !sale.cancelledAt) {
          sale = pay(sale, amountToPay(sale, share(dueMinor(sale))), now)
          enter(ledger, bookPayment(before, sale, 'cash'))
        }
        if (kind === 'refund' && share(keptMinor(sale)) > 0n) {
          sale = refund(sale, share(keptMinor(sale)), now)
          enter(ledger, bookRefund(before, sale, 'cash'))
        }
        if ((kind === 'return' || kind === 'waste') && !sale.cancelledAt) {
          const out = sale.lines.find((one) => one.quantity > one.returnedQuantity)
          if (!out) continue
          const quantity = Math.max(1, Math.floor(((out.quantity - out.returnedQuantity) * part) / 100))
          const back = takeGoodsBack(sale, [{ itemId: out.itemId, quantity }], now)
          sale = back.sale
          if (kind === 'waste') for (const { costMinor } of back.returned) lostMinor += costMinor
          enter(ledger, bookGoodsBack(before, back, kind === 'waste' ? [] : back.returned))
        }
        if (kind === 'ship' && sale.status === 'confirmed') sale = ship(sale, now)
        if (kind === 'cancel' && sale.status === 'confirmed') {
          const back = cancel(sale, now)
          sale = back.sale
          enter(ledger, bookGoodsBack(before, back, back.returned))
        }
      }
      const at = (account: string) => ledger.get(account) ?? 0n
      expect(at('receivables')).toBe(dueMinor(sale))
      expect(at('refunds_payable')).toBe(-creditMinor(sale))
      expect(at('cash')).toBe(keptMinor(sale))
      expect(at('cost_of_goods_sold')).toBe(-at('inventory'))
      if (sale.lines.every((one) => one.returnedQuantity === one.quantity)) {
        expect([sale.creditedMinor, at('tax'), at('inventory')]).toEqual([sale.totalMinor, 0n, -lostMinor])
        expect(at('sales_revenue') + at('sales_returns') + at('sales_discounts')).toBe(0n)
      }
    },
  )
  fc.assert(law, { numRuns: 300 })
})
