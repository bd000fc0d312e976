import { remainingIn } from '../stock/domain/layers.js'
import { emptyLevel, levelIn, type ItemStock, type Layer, type LayerUse } from '../stock/domain/stock.js'

/** What the moves and reservations of an item in one warehouse come to. */
export type SpotSums = { warehouseId: string; onHand: number; valueMinor: bigint; reserved: number }

/** Everything that is known of an item's stock, as of one moment. */
export type Evidence = {
  stock: ItemStock
  moveCount: number
  spots: readonly SpotSums[]
  layers: readonly Layer[]
  /** What the moves took from each layer. */
  uses: readonly LayerUse[]
}

/** Something that is stored otherwise than it should be. */
export type Problem = { about: string; what: string; stored: string; derived: string }

const compare = (about: string, what: string, stored: number | bigint, derived: number | bigint): Problem[] =>
  stored === derived ? [] : [{ about, what, stored: stored.toString(), derived: derived.toString() }]

/** Where the stock of an item is not what its moves, layers and reservations say. */
export const problemsOf = ({ stock, moveCount, spots, layers, uses }: Evidence): Problem[] => {
  const names = new Set([...stock.levels, ...spots, ...layers].map(({ warehouseId }) => warehouseId))
  return [
    ...compare(stock._id, 'moves', stock.moveCount, moveCount),
    ...[...names].flatMap((name) => problemsAt(stock, name, spots, layers)),
    ...layers.flatMap((layer) =>
      problemsIn(
        layer,
        uses.find(({ layerId }) => layerId === layer._id),
      ),
    ),
  ]
}

const problemsAt = (
  stock: ItemStock,
  warehouseId: string,
  spots: readonly SpotSums[],
  layers: readonly Layer[],
): Problem[] => {
  const about = `${stock._id} in ${warehouseId}`
  const level = levelIn(stock, warehouseId)
  const sums = spots.find((spot) => spot.warehouseId === warehouseId) ?? emptyLevel(warehouseId)
  const open = layers.filter((layer) => layer.warehouseId === warehouseId).map(remainingIn)
  const inLayers = open.reduce((sum, { quantity }) => sum + quantity, 0)
  const worth = open.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)
  return [
    ...compare(about, 'on hand, by its moves', level.onHand, sums.onHand),
    ...compare(about, 'value, by its moves', level.valueMinor, sums.valueMinor),
    ...compare(about, 'on hand, by its layers', level.onHand, inLayers),
    ...compare(about, 'value, by its layers', level.valueMinor, worth),
    ...compare(about, 'reserved', level.reserved, sums.reserved),
  ]
}

const problemsIn = (layer: Layer, use: LayerUse | undefined): Problem[] => [
  ...compare(`layer ${layer._id}`, 'used', layer.usedQuantity, use?.quantity ?? 0),
  ...compare(`layer ${layer._id}`, 'used value', layer.usedValueMinor, use?.valueMinor ?? 0n),
]

export const gapProblem = (series: string, last: number, documents: number): Problem[] =>
  compare(`numbers ${series}`, 'documents', last, documents)
