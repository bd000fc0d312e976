import type { HouseAccount } from '@countinghouse/shared/contracts/books'
import { stockAdjusted } from '@countinghouse/shared/contracts/inventory'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { toBookEntries } from '../bookEntries.js'
import { shareOf } from './domain/layers.js'
import { levelIn, type ItemStock, type Move, type ValueOf } from './domain/stock.js'

/** Book stock that is brought to what is really there. */
export type Variance = {
  document: { kind: 'stock_adjustment' | 'stock_count'; id: string }
  moves: readonly Move[]
  /** Against which account of the books. */
  against: HouseAccount
  reasonOf: (move: Move) => { reason: string; note: string | null }
  currency: string
}

/** What is found costs what the others of its kind did on average; nothing, where there are none. */
export const asOthersCost =
  (quantity: number, warehouseId: string): ValueOf =>
  (_, stock) => {
    const { onHand, valueMinor } = bestKnown(stock, warehouseId)
    return onHand === 0 ? 0n : shareOf({ quantity: onHand, valueMinor }, quantity)
  }

const bestKnown = (stock: ItemStock, warehouseId: string) => {
  const here = levelIn(stock, warehouseId)
  if (here.onHand > 0) return here
  return stock.levels.find(({ onHand }) => onHand > 0) ?? here
}

/** What a variance announces, and its entry in the books. */
export const varianceEvents = (variance: Variance): Envelope[] => [
  ...variance.moves.map((move) => adjusted(variance, move)),
  ...bookEntry(variance),
]

const adjusted = ({ document, reasonOf, currency }: Variance, move: Move): Envelope =>
  newEvent(stockAdjusted, move.itemId, {
    document,
    item_id: move.itemId,
    warehouse_id: move.warehouseId,
    delta: move.quantity,
    value_minor: move.valueMinor,
    currency,
    ...reasonOf(move),
    adjusted_by: move.actor,
    adjusted_at: move.postedAt.toISOString(),
  })

const bookEntry = ({ document, moves, against, currency }: Variance): Envelope[] => {
  const [first] = moves
  const netMinor = moves.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)
  if (!first) return []
  return toBookEntries({
    ...{ document, step: 'posted', currency, at: first.effectiveAt },
    sides: { inventory: netMinor, [against]: -netMinor },
    description: document.kind === 'stock_count' ? 'Stock count' : 'Stock adjustment',
  })
}
