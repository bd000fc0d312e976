import { refuse } from '../errors.js'
import type { Move, StockLine } from '../stock/domain/stock.js'

export type TransferLine = { itemId: string; quantity: number }

/** Goods on their way from one warehouse to another, which they reach in the same moment. */
export type Transfer = {
  _id: string
  fromWarehouseId: string
  toWarehouseId: string
  lines: (TransferLine & { valueMinor: bigint })[]
  currency: string
  note: string | null
  createdBy: string
  createdAt: Date
}

export type TransferDraft = Pick<Transfer, 'fromWarehouseId' | 'toWarehouseId' | 'note'> & { lines: TransferLine[] }

/** Two lines of the stock for each of the transfer: what arrives is worth what left. */
export const linesOf = ({ fromWarehouseId, toWarehouseId, lines }: TransferDraft): StockLine[] => {
  if (fromWarehouseId === toWarehouseId) throw refuse('same_warehouse')
  return lines.flatMap((line) => [
    { kind: 'issue', type: 'transfer', warehouseId: fromWarehouseId, ...line },
    { kind: 'receive', type: 'transfer', warehouseId: toWarehouseId, ...line, valueMinor: worthOfLast },
  ])
}

const worthOfLast = (before: readonly Move[]): bigint => -(before.at(-1)?.valueMinor ?? 0n)

export const withValues = (lines: readonly TransferLine[], moves: readonly Move[]): Transfer['lines'] =>
  lines.map((line, index) => ({ ...line, valueMinor: moves[2 * index + 1]?.valueMinor ?? 0n }))
