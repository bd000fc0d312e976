import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import { shareOf } from '../../stock/domain/layers.js'
import { sum } from './pricing.js'
import { changed, creditMinor, dueMinor, keptMinor, type Sale, type SaleLine } from './sale.js'

/** Marks the goods as on their way to the customer. */
export const ship = (sale: Sale, now: Date): Sale => {
  assertNotCancelled(sale)
  if (sale.isShipped) throw refuseStep(sale, 'ship')
  return changed(sale, { isShipped: true, shippedAt: now }, now)
}

/** Takes back before the goods left what did not come back yet; what was paid is owed to the customer from now on. */
export const cancel = (sale: Sale, now: Date): GoodsBack => {
  assertNotCancelled(sale)
  if (sale.isShipped) throw refuseStep(sale, 'cancel')
  if (sale.underWayMinor > 0n) throw refuse('payment_under_way', { bill_number: sale._id })
  const lines = sale.lines.map((line) => ({ ...line }))
  const returned = lines.flatMap((line, index) => takeLineBack(line, index, line.quantity - line.returnedQuantity))
  return credited(sale, { lines, returned, changes: { cancelledAt: now } }, now)
}

/** Takes a cancelled sale from sight. */
export const hide = (sale: Sale, now: Date): Sale => {
  if (creditMinor(sale) > 0n) throw refuse('sale_has_payments', { bill_number: sale._id })
  return changed(sale, { deletedAt: now }, now)
}

export type Edit = { dueOn?: string; notes?: string | null }

export const edit = (sale: Sale, edits: Edit, now: Date): Sale => {
  assertNotCancelled(sale)
  return changed(sale, edits, now)
}

/** What may be paid now: what is owed, less what card payments under way may bring. */
const payableMinor = (sale: Sale): bigint => {
  const payable = dueMinor(sale) - sale.underWayMinor
  return payable > 0n ? payable : 0n
}

/** Refuses a payment of more than is owed; without an amount, all that is owed. */
export const amountToPay = (sale: Sale, askedMinor: bigint | undefined): bigint => {
  assertNotCancelled(sale)
  const payable = payableMinor(sale)
  const amountMinor = askedMinor ?? payable
  if (amountMinor > payable)
    throw refuse('exceeds_bill', { remaining: wire(sale, payable), requested: wire(sale, amountMinor) })
  if (amountMinor === 0n)
    throw refuse(sale.underWayMinor > 0n ? 'payment_under_way' : 'nothing_due', { bill_number: sale._id })
  return amountMinor
}

/** Money has come. */
export const pay = (sale: Sale, amountMinor: bigint, now: Date): Sale =>
  changed(sale, { paidMinor: sale.paidMinor + amountMinor, lastAttemptFailed: false }, now)

/** A card payment is asked for; until it is answered its amount is not paid otherwise. */
export const awaitPayment = (sale: Sale, amountMinor: bigint, now: Date): Sale =>
  changed(sale, { underWayMinor: sale.underWayMinor + amountMinor }, now)

/** The answer to a card payment that was asked for: money, or none. */
export const answerPayment = (sale: Sale, amountMinor: bigint, succeeded: boolean, now: Date): Sale => {
  const answered = { ...sale, underWayMinor: sale.underWayMinor - amountMinor }
  return succeeded ? pay(answered, amountMinor, now) : failPayment(answered, now)
}

/** An attempt to pay has failed; nothing else changes, and the next one may be made at once. */
export const failPayment = (sale: Sale, now: Date): Sale => changed(sale, { lastAttemptFailed: true }, now)

/** Pays money back: what is owed to the customer, and beyond that what was paid, which is owed to us again. */
export const refund = (sale: Sale, amountMinor: bigint, now: Date): Sale => {
  const kept = keptMinor(sale)
  if (amountMinor > kept)
    throw refuse('exceeds_payments', { remaining: wire(sale, kept), requested: wire(sale, amountMinor) })
  return changed(sale, { refundedMinor: sale.refundedMinor + amountMinor }, now)
}

/** A refund that did not reach the customer after all: the money is with us again. */
export const takeBackRefund = (sale: Sale, amountMinor: bigint, now: Date): Sale =>
  changed(sale, { refundedMinor: sale.refundedMinor - amountMinor }, now)

export type AskedReturn = { itemId: string; quantity: number }
export type ReturnedLine = AskedReturn & {
  lineIndex: number
  /** What the customer gets for it: its price less its discount, and its tax. */
  netMinor: bigint
  taxMinor: bigint
  /** What it cost when it was sold, at which it goes back into stock. */
  costMinor: bigint
}

/** A sale after goods came back, and what that is worth. */
export type GoodsBack = { sale: Sale; returned: ReturnedLine[]; creditedMinor: bigint }

/** Takes goods back, from the first lines that still have some of the item out. */
export const takeGoodsBack = (sale: Sale, asked: readonly AskedReturn[], now: Date): GoodsBack => {
  assertNotCancelled(sale)
  const lines = sale.lines.map((line) => ({ ...line }))
  return credited(sale, { lines, returned: asked.flatMap((item) => takeItemBack(lines, item)), changes: {} }, now)
}

type Back = { lines: SaleLine[]; returned: ReturnedLine[]; changes: Partial<Sale> }

const credited = (sale: Sale, { lines, returned, changes }: Back, now: Date): GoodsBack => {
  const creditedMinor = sum(returned.map(({ netMinor, taxMinor }) => netMinor + taxMinor))
  const after = { ...changes, lines, creditedMinor: sale.creditedMinor + creditedMinor }
  return { returned, creditedMinor, sale: changed(sale, after, now) }
}

const takeItemBack = (lines: SaleLine[], { itemId, quantity }: AskedReturn): ReturnedLine[] => {
  let left = quantity
  const returned = lines.flatMap((line, index) => {
    const taken = line.itemId === itemId ? Math.min(left, line.quantity - line.returnedQuantity) : 0
    left -= taken
    return takeLineBack(line, index, taken)
  })
  if (left > 0) throw refuse('return_above_sold', { item_id: itemId, sold: quantity - left, requested: quantity })
  return returned
}

// Each part is the difference between two shares of the line, so that a line that is all back is credited exactly.
const takeLineBack = (line: SaleLine, lineIndex: number, quantity: number): ReturnedLine[] => {
  if (quantity === 0) return []
  const before = line.returnedQuantity
  const partOf = (valueMinor: bigint): bigint => {
    const total = { quantity: line.quantity, valueMinor }
    return shareOf(total, before + quantity) - shareOf(total, before)
  }
  line.returnedQuantity += quantity
  const worth = {
    netMinor: partOf(line.totalMinor - line.discountMinor),
    taxMinor: partOf(line.taxMinor),
    costMinor: partOf(line.costMinor),
  }
  return [{ lineIndex, itemId: line.itemId, quantity, ...worth }]
}

const assertNotCancelled = (sale: Sale): void => {
  if (sale.cancelledAt) throw refuse('sale_cancelled', { bill_number: sale._id })
}

const refuseStep = ({ _id, status }: Sale, step: string) =>
  refuse('sale_step_refused', { bill_number: _id, sale_status: status, step })

const wire = ({ currency }: Sale, amountMinor: bigint): number => toWireAmount(amountMinor, currency)
