import { refuse } from '../../errors.js'
import { orderTotalOf } from './pricing.js'
import {
  asOrdered,
  assertStatus,
  outstandingOf,
  stepped,
  type Purchase,
  type PurchaseStatus,
  type PurchaseTerms,
} from './purchase.js'

export type PurchaseChanges = Partial<PurchaseTerms>

/** The purchase with other terms. Once something has come, who delivers what at which price stands. */
export const change = (before: Purchase, changes: PurchaseChanges, now: Date): Purchase => {
  assertStatus(before, 'draft', 'ordered', ...(changesOrder(changes) ? [] : CAME))
  const { lines = before.lines, ...terms } = changes
  const after = stepped(before, { ...terms, ...(changes.lines && { lines: lines.map(asOrdered) }) }, now)
  orderTotalOf(after)
  if (after.paidMinor > after.totalMinor) throw refuse('purchase_has_payments', { bill_number: before._id })
  return after
}

const CAME: PurchaseStatus[] = ['partly_received', 'received', 'closed']
const UNRECEIVED: PurchaseStatus[] = ['draft', 'ordered']

/** Whether the changes touch what was ordered, and so what was approved. */
export const changesOrder = ({ supplierId, warehouseId, lines, taxRateBps }: PurchaseChanges): boolean =>
  [supplierId, warehouseId, lines, taxRateBps].some((term) => term !== undefined)

export const placeOrder = (before: Purchase, now: Date): Purchase => {
  assertStatus(before, 'draft')
  return stepped(before, { status: 'ordered' }, now)
}

/** Calls it off; only before anything came. */
export const cancel = (before: Purchase, now: Date): Purchase => {
  assertStatus(before, ...UNRECEIVED)
  return stepped(before, { status: 'cancelled' }, now)
}

/** Calls it off and takes it out of sight. */
export const remove = (before: Purchase, now: Date): Purchase => {
  assertStatus(before, ...UNRECEIVED, 'cancelled')
  if (before.paidMinor > 0n) throw refuse('purchase_has_payments', { bill_number: before._id })
  return stepped(before, { status: 'cancelled', deletedAt: now }, now)
}

/** Gives up what has not come of an order: no more is expected, and no more is to be paid. */
export const close = (before: Purchase, now: Date): Purchase => {
  assertStatus(before, 'partly_received')
  return stepped(before, { status: 'closed' }, now)
}

/** How a step changes what is expected of each item in each warehouse. */
export const expectedBetween = (before: Purchase | undefined, after: Purchase) => {
  const sums = new Map<string, { itemId: string; warehouseId: string; quantity: number }>()
  const add = (purchase: Purchase, sign: number): void => {
    for (const { line, quantity } of outstandingOf(purchase)) {
      const spot = { itemId: purchase.lines[line - 1]?.itemId ?? '', warehouseId: purchase.warehouseId }
      const key = `${spot.itemId}:${spot.warehouseId}`
      sums.set(key, { ...spot, quantity: (sums.get(key)?.quantity ?? 0) + sign * quantity })
    }
  }
  if (before) add(before, -1)
  add(after, 1)
  return [...sums.values()].filter(({ quantity }) => quantity !== 0)
}
