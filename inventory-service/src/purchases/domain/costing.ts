import { divideRounded, splitByWeights } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import { sumOf } from './pricing.js'
import { assertStatus, lineAt, stepped, type Purchase } from './purchase.js'

export const COST_KINDS = ['bill_difference', 'landed_cost'] as const

/** What the bill came to more than the order, or less; or what it cost besides to get the goods here. */
export type CostChange = {
  at: Date
  by: string
  kind: (typeof COST_KINDS)[number]
  reason: string
  /** Without tax. */
  amountMinor: bigint
  taxMinor: bigint
  /** What the goods bear that are still in stock; the rest is a variance. */
  toStockMinor: bigint
}

export type AskedCost = Pick<CostChange, 'kind' | 'reason' | 'amountMinor'> & {
  /** How it was paid; a difference of the bill is owed to its supplier. */
  method: 'bank' | 'cash'
}

/** The goods of one receipt that stayed, with their share of a cost. */
export type CostShare = { itemId: string; moveId: string; kept: number; amountMinor: bigint }

/** Shares a late cost among the goods that came and stayed, by what they were priced at. */
export const shareCost = (purchase: Purchase, amountMinor: bigint): CostShare[] => {
  assertStatus(purchase, 'partly_received', 'received', 'closed')
  const parts = purchase.receipts
    .flatMap((receipt) => receipt.parts)
    .map(({ line, quantity, returned, moveId }) => ({ ...lineAt(purchase, line), moveId, kept: quantity - returned }))
    .filter(({ kept }) => kept > 0)
  if (parts.length === 0) throw refuse('nothing_kept', { bill_number: purchase._id })
  const worth = parts.map(({ kept, unitPriceMinor }) => BigInt(kept) * unitPriceMinor)
  const weights = sumOf(worth, (one) => one) > 0n ? worth : parts.map(({ kept }) => BigInt(kept))
  const shares = splitByWeights(absolute(amountMinor), weights)
  return parts.map(({ itemId, moveId, kept }, index) => ({
    ...{ itemId, moveId, kept },
    amountMinor: amountMinor < 0n ? -(shares[index] ?? 0n) : (shares[index] ?? 0n),
  }))
}

/** The tax that a difference of the bill brings with it. */
export const taxOnCost = ({ taxRateBps }: Purchase, { kind, amountMinor }: AskedCost): bigint =>
  kind === 'bill_difference' ? divideRounded(amountMinor * taxRateBps, 10_000n, 'half_up') : 0n

export const changeCost = (before: Purchase, change: CostChange): Purchase => {
  const after = stepped(before, { costChanges: [...before.costChanges, change] }, change.at)
  if (after.totalMinor < 0n) throw refuse('bill_below_zero', { bill_number: before._id })
  return after
}

const absolute = (amountMinor: bigint): bigint => (amountMinor < 0n ? -amountMinor : amountMinor)
