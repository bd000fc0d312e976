import { divideRounded } from '@countinghouse/shared/money'
import type { LateCost, Layer, LayerUse, Spot, ValuationMethod } from './stock.js'

/** Layers after a change: all that are open, oldest first, and those that changed. */
export type Layered = { open: Layer[]; changed: Layer[] }

export const remainingIn = ({ quantity, usedQuantity, valueMinor, usedValueMinor }: Layer) => ({
  quantity: quantity - usedQuantity,
  valueMinor: valueMinor - usedValueMinor,
})

/** What comes in: a layer of its own by FIFO; on average, more of the one layer that a spot has. */
export const addLayer = (
  open: readonly Layer[],
  method: ValuationMethod,
  arrival: Spot & Pick<Layer, '_id' | 'seq' | 'quantity' | 'valueMinor'>,
): Layered => {
  const pool = method === 'average' ? open.find((layer) => isAt(layer, arrival)) : undefined
  const { quantity, valueMinor } = arrival
  const layer: Layer = pool
    ? { ...pool, quantity: pool.quantity + quantity, valueMinor: pool.valueMinor + valueMinor }
    : { ...arrival, usedQuantity: 0, usedValueMinor: 0n, sharedFrom: null, isOpen: true }
  return { open: [...open.filter((other) => other !== pool), layer], changed: [layer] }
}

export type Taking = Spot & { quantity: number; first: string | undefined }

/** Takes a quantity from the layers of a spot, the oldest first unless one is named; they must hold that much. */
export const takeFromLayers = (
  open: readonly Layer[],
  method: ValuationMethod,
  { quantity, first, ...spot }: Taking,
): Layered & { uses: LayerUse[] } => {
  const uses: LayerUse[] = []
  const changed = new Map<string, Layer>()
  let left = quantity
  for (const layer of inOrder(open, spot, first)) {
    if (left === 0) break
    const { after, use } = useLayer(method, layer, Math.min(left, remainingIn(layer).quantity))
    uses.push(use)
    changed.set(after._id, after)
    left -= use.quantity
  }
  if (left > 0) throw new Error(`The layers of ${spot.itemId} in ${spot.warehouseId} hold less than is on hand`)
  const stillOpen = open.map((layer) => changed.get(layer._id) ?? layer).filter(({ isOpen }) => isOpen)
  return { open: stillOpen, changed: [...changed.values()], uses }
}

const inOrder = (open: readonly Layer[], spot: Spot, first: string | undefined): Layer[] => {
  const here = open.filter((layer) => isAt(layer, spot))
  return first === undefined ? here : [...here].sort((one, other) => rank(one, first) - rank(other, first))
}

const rank = ({ _id }: Layer, first: string): number => (_id === first ? 0 : 1)

const isAt = (layer: Spot, spot: Spot): boolean =>
  layer.itemId === spot.itemId && layer.warehouseId === spot.warehouseId

const useLayer = (method: ValuationMethod, layer: Layer, quantity: number): { after: Layer; use: LayerUse } => {
  const valueMinor = costIn(method, layer, quantity)
  const usedQuantity = layer.usedQuantity + quantity
  const after: Layer = {
    ...layer,
    usedQuantity,
    usedValueMinor: layer.usedValueMinor + valueMinor,
    isOpen: usedQuantity < layer.quantity,
  }
  return { after, use: { layerId: layer._id, quantity, valueMinor } }
}

// The layer of an average grows between takings, so only what remains of it says what a unit costs.
const costIn = (method: ValuationMethod, layer: Layer, quantity: number): bigint => {
  if (method === 'average') return shareOf(remainingIn(layer), quantity)
  const { quantity: before, valueMinor: beforeMinor } = layer.sharedFrom ?? { quantity: 0, valueMinor: 0n }
  const shared = { quantity: layer.quantity - before, valueMinor: layer.valueMinor - beforeMinor }
  return shareOf(shared, layer.usedQuantity - before + quantity) - (layer.usedValueMinor - beforeMinor)
}

/**
 * Gives what is left of the layers its part of late costs: of a cost for ten goods of which four are here, four tenths.
 * On average nobody knows which goods left, so those that came by the moves are taken to be here as far as there are any.
 * No goods come to be worth less than nothing.
 */
export const revalueLayers = (
  open: readonly Layer[],
  method: ValuationMethod,
  { costs, ...spot }: Spot & { costs: readonly LateCost[] },
): Layered & { addedMinor: bigint } => {
  const here = open.filter((layer) => isAt(layer, spot))
  const changed = new Map<string, Layer>()
  let [free, addedMinor] = [here.reduce((sum, layer) => sum + remainingIn(layer).quantity, 0), 0n]
  for (const { layerOf, quantity, valueMinor } of costs) {
    const found = method === 'average' ? here[0] : here.find(({ _id }) => _id === layerOf)
    const layer = found && (changed.get(found._id) ?? found)
    if (!layer) continue
    const left = remainingIn(layer)
    const bearing = Math.min(quantity, method === 'average' ? free : left.quantity)
    const borneMinor = atLeast(shareOf({ quantity, valueMinor }, bearing), -left.valueMinor)
    const sharedFrom = { quantity: layer.usedQuantity, valueMinor: layer.usedValueMinor }
    changed.set(layer._id, { ...layer, valueMinor: layer.valueMinor + borneMinor, sharedFrom })
    free -= bearing
    addedMinor += borneMinor
  }
  return { open: open.map((layer) => changed.get(layer._id) ?? layer), changed: [...changed.values()], addedMinor }
}

const atLeast = (valueMinor: bigint, leastMinor: bigint): bigint => (valueMinor < leastMinor ? leastMinor : valueMinor)

/**
 * What so many of a total are worth. Taken piece by piece it is the difference between the shares before and after, so
 * that all pieces together are worth exactly the total.
 */
export const shareOf = (total: { quantity: number; valueMinor: bigint }, quantity: number): bigint =>
  divideRounded(total.valueMinor * BigInt(quantity), BigInt(total.quantity), 'half_even')
