import { divideRounded } from '@countinghouse/shared/money'
import type { Layer, LayerUse, Spot, ValuationMethod } from './stock.js'

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
    : { ...arrival, usedQuantity: 0, usedValueMinor: 0n, isOpen: true }
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
  const { usedQuantity, usedValueMinor } = layer
  if (method === 'fifo') return shareOf(layer, usedQuantity + quantity) - usedValueMinor
  return shareOf(remainingIn(layer), quantity)
}

/**
 * What so many of a total are worth. Taken piece by piece it is the difference between the shares before and after, so
 * that all pieces together are worth exactly the total.
 */
export const shareOf = (total: { quantity: number; valueMinor: bigint }, quantity: number): bigint =>
  divideRounded(total.valueMinor * BigInt(quantity), BigInt(total.quantity), 'half_even')
