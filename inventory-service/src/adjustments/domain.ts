import { refuse } from '../errors.js'
import type { MoveType } from '../stock/domain/stock.js'

export const ADJUSTMENT_REASONS = ['theft', 'damage', 'miscount', 'opening', 'other'] as const

/** What somebody wants book stock to be changed by, and why. */
export type AdjustmentDraft = {
  adjustmentId: string
  itemId: string
  warehouseId: string
  delta: number
  reason: (typeof ADJUSTMENT_REASONS)[number]
  note: string | null
  /** What is found or opened with is worth altogether; null for what its like cost on average. */
  worthMinor: bigint | null
  createdBy: string
}

/** A change of book stock to what is really there. */
export type Adjustment = Omit<AdjustmentDraft, 'adjustmentId' | 'worthMinor'> & {
  _id: string
  /** At cost, below zero for what is gone. */
  valueMinor: bigint
  onHandAfter: number
  currency: string
  createdAt: Date
}

export const assertSensible = ({ reason, delta }: AdjustmentDraft): void => {
  if (reason === 'opening' && delta < 0) throw refuse('opening_below_zero')
}

export const moveTypeOf = ({ reason }: Pick<AdjustmentDraft, 'reason'>): MoveType =>
  reason === 'opening' ? 'opening' : 'adjustment'
