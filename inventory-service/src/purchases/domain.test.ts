import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { balanceOf, withSettlement, type Sides } from './domain/books.js'
import { cancel, change, close, expectedBetween } from './domain/changing.js'
import { changeCost, shareCost, taxOnCost } from './domain/costing.js'
import { pay, type PaymentDraft } from './domain/paying.js'
import { addedUp, grossOf, orderTotalOf, sumOf } from './domain/pricing.js'
import { makePurchase, owedOf, type OrderedLine, type Part, type Purchase } from './domain/purchase.js'
import { decideReceipt, decideReturn, pricedReceipt, pricedReturn, receive, sendBack } from './domain/receiving.js'

const now = new Date('2026-11-21T09:30:00Z')
const making = { purchaseId: 'p', number: 'PO-261121-0001', currency: 'USD', day: '2026-11-21', by: 'raj', now }
const preform: OrderedLine = { itemId: 'preform', itemName: 'Preform', quantity: 1000, unitPriceMinor: 200n }
const caps: OrderedLine = { itemId: 'cap', itemName: 'Cap', quantity: 300, unitPriceMinor: 33n }
const ordered = (lines: readonly OrderedLine[] = [preform], taxRateBps = 0n): Purchase => {
  const party = { supplierId: 's', supplierName: 'S', warehouseId: 'main', supplierReference: null, notes: null }
  return makePurchase({ ...party, lines, taxRateBps, dueOn: '2026-12-21' }, making, 'ordered')
}
const taken = (purchase: Purchase, parts: readonly Part[]): Purchase => {
  const receipt = purchase.receipts.length.toString()
  return receive(purchase, {
    parts: parts.map((part) => ({ ...part, moveId: `${receipt}.${part.line.toString()}` })),
    by: 'raj',
    at: now,
  })
}
const payment = (amountMinor: bigint, more: Partial<PaymentDraft> = {}): PaymentDraft => ({
  ...{ _id: 'x', kind: 'payment', outcome: 'succeeded', amountMinor, method: 'bank', reference: null, reason: null },
  ...{ day: '2026-11-21', createdBy: 'raj', createdAt: now, ...more },
})
const some = (itemId: string, quantity: number) => [{ itemId, quantity }]

test('a purchase comes to the sum of its lines and the tax on each', () => {
  expect(ordered([preform, caps]).totalMinor).toBe(209_900n)
  expect(ordered([preform, caps], 1800n).totalMinor).toBe(209_900n + 36_000n + 1_782n)
})

test('a bill above 9,999,999,999.99 is refused', () => {
  const huge = { ...preform, quantity: 1_000_000_000, unitPriceMinor: 1_000n }
  expect(() => orderTotalOf({ taxRateBps: 0n, lines: [huge] })).toThrow(/9,999,999,999.99/)
  expect(orderTotalOf({ taxRateBps: 0n, lines: [{ ...huge, quantity: 999_999_999, unitPriceMinor: 1_000n }] })).toBe(
    999_999_999_000n,
  )
})

test('what comes in part by part makes the order partly received, then received', () => {
  const part = taken(ordered(), decideReceipt(ordered(), some('preform', 400)))
  expect(part).toMatchObject({ status: 'partly_received', lines: [{ received: 400 }] })
  expect(taken(part, decideReceipt(part, undefined))).toMatchObject({ status: 'received', lines: [{ received: 1000 }] })
})

test('no more comes in than is outstanding, over all lines of an item together', () => {
  const twice = ordered([preform, { ...preform, quantity: 500 }])
  expect(decideReceipt(twice, some('preform', 1200))).toEqual([
    { line: 1, quantity: 1000 },
    { line: 2, quantity: 200 },
  ])
  expect(() => decideReceipt(twice, [...some('preform', 1400), ...some('preform', 101)])).toThrow(/No more than 100/)
  expect(() => decideReceipt(twice, some('ghost', 1))).toThrow(/No more than 0/)
})

test('goods go back from the newest receipt first, and no more than came and stayed', () => {
  const first = taken(ordered(), decideReceipt(ordered(), some('preform', 600)))
  const both = taken(first, decideReceipt(first, undefined))
  const parts = decideReturn(both, some('preform', 500))
  expect(parts).toEqual([
    { line: 1, quantity: 400, moveId: '1.1' },
    { line: 1, quantity: 100, moveId: '0.1' },
  ])
  const after = sendBack(both, { parts, costMinor: 100_000n, reason: 'Cracked', by: 'raj', at: now })
  expect(after).toMatchObject({ status: 'received', totalMinor: 100_000n, lines: [{ returned: 500 }] })
  expect(decideReturn(after, some('preform', 500))).toEqual([{ line: 1, quantity: 500, moveId: '0.1' }])
  expect(() => decideReturn(after, some('preform', 501))).toThrow(/No more than 500/)
})

test('the tax on what comes after a return is that on what is kept', () => {
  const two = ordered([{ ...preform, quantity: 2, unitPriceMinor: 3n }], 834n)
  const one = taken(two, decideReceipt(two, some('preform', 1)))
  const back = sendBack(one, {
    parts: decideReturn(one, some('preform', 1)),
    costMinor: 3n,
    reason: 'x',
    by: 'raj',
    at: now,
  })
  expect(pricedReceipt(back, decideReceipt(back, undefined))).toEqual([
    { line: 1, quantity: 1, netMinor: 3n, taxMinor: 0n },
  ])
})

test('an order is called off only before anything came; one that brings no more is closed, and costs what came', () => {
  const part = taken(ordered(), decideReceipt(ordered(), some('preform', 400)))
  expect(cancel(ordered(), now).status).toBe('cancelled')
  expect(() => cancel(part, now)).toThrow(/partly_received/)
  expect(close(part, now)).toMatchObject({ status: 'closed', totalMinor: 80_000n })
  expect(() => close(ordered(), now)).toThrow(/ordered/)
})

test('once something came the order stands, while its notes and due date may still change', () => {
  const part = taken(ordered(), decideReceipt(ordered(), some('preform', 400)))
  expect(() => change(part, { lines: [caps] }, now)).toThrow(/partly_received/)
  expect(change(part, { dueOn: '2027-01-01', notes: 'Late' }, now)).toMatchObject({
    dueOn: '2027-01-01',
    notes: 'Late',
  })
})

test('what is expected follows the order: changed, received, closed', () => {
  const more = change(ordered(), { lines: [{ ...preform, quantity: 1500 }] }, now)
  const at = { itemId: 'preform', warehouseId: 'main' }
  expect(expectedBetween(undefined, ordered())).toEqual([{ ...at, quantity: 1000 }])
  expect(expectedBetween(ordered(), more)).toEqual([{ ...at, quantity: 500 }])
  const moved = change(ordered(), { warehouseId: 'north' }, now)
  expect(expectedBetween(ordered(), moved)).toEqual([
    { ...at, quantity: -1000 },
    { ...at, warehouseId: 'north', quantity: 1000 },
  ])
  const part = taken(ordered(), decideReceipt(ordered(), some('preform', 400)))
  expect(expectedBetween(part, close(part, now))).toEqual([{ ...at, quantity: -600 }])
})

test('a failed attempt shows until one succeeds; paid is what is paid in full, and no more is taken', () => {
  const failed = pay(ordered(), payment(500n, { outcome: 'failed' })).purchase
  expect(failed).toMatchObject({ paymentStatus: 'failed', paidMinor: 0n })
  const partly = pay(failed, payment(500n)).purchase
  expect(partly).toMatchObject({ paymentStatus: 'partial', paidMinor: 500n })
  expect(pay(partly, payment(199_500n)).purchase.paymentStatus).toBe('paid')
  expect(() => pay(partly, payment(199_501n))).toThrow(/No more than 1995 is left/)
})

test('no more comes back from a supplier than was paid, and from a cancelled order too', () => {
  const cancelled = cancel(pay(ordered(), payment(500n)).purchase, now)
  const refund = (amountMinor: bigint) => payment(amountMinor, { kind: 'refund' })
  expect(() => pay(cancelled, refund(501n))).toThrow(/No more than 5 is paid/)
  expect(pay(cancelled, refund(500n)).purchase.paidMinor).toBe(0n)
  expect(() => pay(cancelled, payment(1n))).toThrow(/cancelled/)
})

const anyLines = fc.array(
  fc.record({
    itemId: fc.constantFrom('a', 'b'),
    itemName: fc.constant('Thing'),
    quantity: fc.integer({ min: 1, max: 50 }),
    unitPriceMinor: fc.bigInt(0n, 999n),
  }),
  { minLength: 1, maxLength: 4 },
)
const anyStep = fc.record({
  kind: fc.constantFrom('receive', 'return', 'pay', 'refund', 'cost', 'close'),
  share: fc.integer({ min: 1, max: 100 }),
})

/** A step of so many percent of what is possible; undefined when nothing is. */
const step = (
  before: Purchase,
  { kind, share }: { kind: string; share: number },
): { after: Purchase; sides: Sides } | undefined => {
  const partOf = (most: number) => Math.ceil((most * share) / 100)
  const goods = (room: (line: Purchase['lines'][number]) => number) => {
    const itemIds = [...new Set(before.lines.map(({ itemId }) => itemId))]
    const roomFor = (itemId: string) =>
      before.lines.reduce((sum, line) => (line.itemId === itemId ? sum + room(line) : sum), 0)
    return itemIds.map((itemId) => ({ itemId, quantity: partOf(roomFor(itemId)) }))
  }
  const isOpen = before.status === 'ordered' || before.status === 'partly_received'
  if (kind === 'receive' && isOpen) {
    const parts = decideReceipt(
      before,
      goods(({ quantity, received }) => quantity - received),
    )
    const { netMinor, taxMinor } = addedUp(pricedReceipt(before, parts))
    return { after: taken(before, parts), sides: { inventory: netMinor, input_tax: taxMinor } }
  }
  if (kind === 'return' && before.receipts.length > 0) {
    const parts = decideReturn(
      before,
      goods(({ received, returned }) => received - returned),
    )
    const { netMinor, taxMinor } = addedUp(pricedReturn(before, parts))
    const after = sendBack(before, { parts, costMinor: netMinor, reason: 'x', by: 'raj', at: now })
    return { after, sides: { inventory: -netMinor, input_tax: -taxMinor } }
  }
  if (kind === 'close' && before.status === 'partly_received') return { after: close(before, now), sides: {} }
  if (kind === 'cost' && before.lines.some(({ received, returned }) => received > returned)) {
    const [asked, amountMinor] = [{ kind: 'bill_difference', reason: 'x', method: 'bank' } as const, BigInt(share)]
    const taxMinor = taxOnCost(before, { ...asked, amountMinor })
    expect(sumOf(shareCost(before, amountMinor), (one) => one.amountMinor)).toBe(amountMinor)
    const cost = { ...asked, amountMinor, taxMinor, toStockMinor: amountMinor, at: now, by: 'raj' }
    return { after: changeCost(before, cost), sides: { inventory: amountMinor, input_tax: taxMinor } }
  }
  if (kind !== 'pay' && kind !== 'refund') return undefined
  const left = before.totalMinor - before.paidMinor
  const amountMinor = ((kind === 'pay' ? left : before.paidMinor) * BigInt(share)) / 100n
  if (amountMinor <= 0n) return undefined
  const { purchase } = pay(before, payment(amountMinor, { kind: kind === 'pay' ? 'payment' : 'refund' }))
  return { after: purchase, sides: { bank: before.paidMinor - purchase.paidMinor } }
}

test('whatever happens to a purchase, each step balances, and the accounts say what it owes and is owed', () => {
  fc.assert(
    fc.property(anyLines, fc.bigInt(0n, 10_000n), fc.array(anyStep, { maxLength: 25 }), (lines, taxRateBps, steps) => {
      let purchase = ordered(lines, taxRateBps)
      const accounts: Record<string, bigint> = {}
      for (const asked of steps) {
        const done = step(purchase, asked)
        if (!done) continue
        const sides = Object.entries(withSettlement(purchase, done.after, done.sides))
        expect(sumOf(sides, ([, amount]) => amount)).toBe(0n)
        for (const [account, amount] of sides) accounts[account] = (accounts[account] ?? 0n) + amount
        purchase = done.after
      }
      const balance = balanceOf(purchase)
      expect(-(accounts['payables'] ?? 0n)).toBe(balance > 0n ? balance : 0n)
      expect(accounts['supplier_advances'] ?? 0n).toBe(balance < 0n ? -balance : 0n)
      expect((accounts['inventory'] ?? 0n) + (accounts['input_tax'] ?? 0n)).toBe(owedOf(purchase))
      expect(purchase.totalMinor).toBeGreaterThanOrEqual(owedOf(purchase))
    }),
  )
})

test('however an order comes in, its parts are worth what it comes to', () => {
  fc.assert(
    fc.property(anyLines, fc.bigInt(0n, 10_000n), fc.array(fc.integer({ min: 1, max: 100 })), (lines, rate, shares) => {
      let purchase = ordered(lines, rate)
      let worthMinor = 0n
      for (const share of [...shares, 100]) {
        const done = step(purchase, { kind: 'receive', share })
        if (!done) break
        worthMinor += grossOf({ netMinor: done.sides.inventory ?? 0n, taxMinor: done.sides.input_tax ?? 0n })
        purchase = done.after
      }
      expect(purchase.status).toBe('received')
      expect(worthMinor).toBe(purchase.totalMinor)
    }),
  )
})
