/** Stock: what lies where, what it cost, and for whom it is kept. Quantities are whole numbers of the item's unit. */
export const VALUATION_METHODS = ['fifo', 'average'] as const
export type ValuationMethod = (typeof VALUATION_METHODS)[number]

export const MOVE_TYPES = [
  ...(['receipt', 'issue', 'return', 'transfer', 'opening'] as const),
  ...(['consume', 'produce', 'scrap', 'count', 'adjustment', 'revaluation'] as const),
] as const
export type MoveType = (typeof MOVE_TYPES)[number]

/** The warehouse that is always there. */
export const MAIN_WAREHOUSE = 'main'

/** An item in a warehouse. */
export type Spot = { itemId: string; warehouseId: string }

/** What lies of an item in one warehouse: on hand >= reserved >= 0. */
export type Level = {
  warehouseId: string
  onHand: number
  reserved: number
  /** Ordered from suppliers and not yet here. */
  incoming: number
  /** The cost of what is on hand: what its open layers come to. */
  valueMinor: bigint
}

/** The stock of one item. Its version guards its levels, layers and reservations. */
export type ItemStock = {
  /** The item's id. */
  _id: string
  method: ValuationMethod
  /** Below this many that can be promised, all warehouses together, the item runs low; null for never. */
  lowBelow: number | null
  isLow: boolean
  levels: Level[]
  /** How many moves there are: the number of the last one. */
  moveCount: number
  version: number
  updatedAt: Date
}

/** Goods that came in together, with what they cost together; a unit has no cost of its own. */
export type Layer = Spot & {
  /** The id of the move that brought it. */
  _id: string
  seq: number
  quantity: number
  valueMinor: bigint
  usedQuantity: number
  usedValueMinor: bigint
  /** What was used up before its cost became another: from there on what is left shares what is left of the cost. */
  sharedFrom: { quantity: number; valueMinor: bigint } | null
  isOpen: boolean
}

/** A cost that became known late, of so many goods that a move brought. */
export type LateCost = { layerOf: string; quantity: number; valueMinor: bigint }

/** What a move took from a layer. */
export type LayerUse = { layerId: string; quantity: number; valueMinor: bigint }

/** The document and step behind a request: one fact of the business, posted once for ever. */
export type Cause = { kind: string; id: string; step: string }

/** A change of what is on hand, and of what it is worth; immutable. */
export type Move = Spot & {
  _id: string
  /** Counts the moves of an item without a gap. */
  seq: number
  type: MoveType
  /** Below zero for what left; nothing where goods that stay are worth something else. */
  quantity: number
  valueMinor: bigint
  /** What the level holds after it. */
  onHandAfter: number
  valueAfterMinor: bigint
  uses: LayerUse[]
  cause: Cause
  /** The line of the request; with the cause it is unique. */
  lineIndex: number
  actor: string
  correlationId: string | null
  effectiveAt: Date
  postedAt: Date
}

export const RESERVATION_STATES = ['active', 'consumed', 'released', 'expired'] as const

/** Goods kept for a document (the kind and id of its cause): still on hand, no longer to be promised. */
export type Reservation = Spot & {
  _id: string
  holder: { kind: string; id: string }
  /** What is still kept. */
  quantity: number
  state: (typeof RESERVATION_STATES)[number]
  /** From then on they are free for whoever needs them. */
  expiresAt: Date | null
  updatedAt: Date
}

/** A value made of the moves of the request so far, or of the item's stock as they leave it. */
export type ValueOf = (before: readonly Move[], stock: ItemStock) => bigint

export type StockLine = Spot &
  (
    | {
        kind: 'receive'
        type: MoveType
        quantity: number
        /**
         * The total cost of the new layer; a function is given the moves of the lines before, so that what is produced
         * (or transferred) takes over what was consumed: `(before) => costOf(before) + blowCostMinor`.
         */
        valueMinor: bigint | ValueOf
      }
    | {
        kind: 'issue'
        type: MoveType
        quantity: number
        /** Takes what is kept for the document of the cause, instead of what is free. */
        fromReserved?: true
        /** Takes from the layer that this move brought as far as it reaches, then from the oldest: returns to suppliers. */
        layerOf?: string
      }
    /** Gives goods that are still here their part of late costs; those that left bear none of it. */
    | { kind: 'revalue'; costs: readonly LateCost[] }
    /** Keeps goods for the document of the cause; a later line adds to it, and sets when it expires. */
    | { kind: 'reserve'; quantity: number; expiresAt?: Date }
    /** Lets go of so many of the goods kept for the document, or of all that are still kept (maybe none). */
    | { kind: 'release'; quantity?: number; onlyIfExpiredAt?: Date }
    /** Changes what is on its way. */
    | { kind: 'expect'; quantity: number }
  )

/** What is asked of the stock by one step of a document. */
export type StockOrder = {
  cause: Cause
  actor: string
  effectiveAt: Date
  lines: readonly StockLine[]
}

/** What became of it: the moves, one for each line that receives, issues or changes a value, and the stock of the items as it left them. */
export type Posted = {
  /** The number drawn from the series, when one was asked for. */
  number: string | undefined
  moves: readonly Move[]
  stocks: ReadonlyMap<string, ItemStock>
  /** Those that run low by it. */
  wentLow: readonly ItemStock[]
  /** Those of which there is something now and was nothing before, or the other way round. */
  turned: readonly ItemStock[]
  postedAt: Date
}

export const emptyLevel = (warehouseId: string): Level => ({
  warehouseId,
  onHand: 0,
  reserved: 0,
  incoming: 0,
  valueMinor: 0n,
})

export const levelIn = ({ levels }: ItemStock, warehouseId: string): Level =>
  levels.find((level) => level.warehouseId === warehouseId) ?? emptyLevel(warehouseId)

/** What can still be promised. */
export const availableOf = ({ onHand, reserved }: Pick<Level, 'onHand' | 'reserved'>): number => onHand - reserved

/** The same over all warehouses. */
export const availableIn = ({ levels }: Pick<ItemStock, 'levels'>): number =>
  levels.reduce((sum, level) => sum + availableOf(level), 0)

export const incomingIn = ({ levels }: Pick<ItemStock, 'levels'>): number =>
  levels.reduce((sum, { incoming }) => sum + incoming, 0)

export const runsLow = (stock: Omit<ItemStock, 'isLow'>): boolean =>
  stock.lowBelow !== null && availableIn(stock) < stock.lowBelow

/** What these moves took out of stock, at cost. */
export const costOf = (moves: readonly Move[]): bigint =>
  moves.reduce((sum, { quantity, valueMinor }) => (quantity < 0 ? sum - valueMinor : sum), 0n)

export const reservationId = (holder: { kind: string; id: string }, { itemId, warehouseId }: Spot): string =>
  [holder.kind, holder.id, itemId, warehouseId].join(':')
