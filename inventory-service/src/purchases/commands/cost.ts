import { untilUnchanged } from '../../overtaken.js'
import { Overtaken } from '../../overtaken.js'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Asker } from '../../asking.js'
import type { WaitsForApproval } from '../../approvals/gate.js'
import { remainingIn } from '../../stock/domain/layers.js'
import { availableOf, levelIn, type Posted, type StockLine } from '../../stock/domain/stock.js'
import { loadShelves } from '../../stock/reading.js'
import { withSettlement } from '../domain/books.js'
import { borneBy, changeCost, shareCost, taxOnCost, type AskedCost, type CostShare } from '../domain/costing.js'
import type { Purchase } from '../domain/purchase.js'
import * as events from '../events.js'
import { submitAbout } from './about.js'
import type { Answers } from './change.js'
import { getForStep, takeStep, type Also, type Answer, type Deps, type Step, type Taken } from './deps.js' // prettier-ignore

/** A cost that became known when the goods were here, as it may wait for approval. */
export type LateCost = AskedCost & { act: 'cost' }

/** Adds a late cost to the goods that are still in stock; what it means for those that left is a variance of today. */
export const addCost = (
  deps: Deps,
  step: Step,
  asked: AskedCost,
  answer: Answers,
): Promise<Purchase | WaitsForApproval> =>
  untilUnchanged(async () => {
    const before = await getForStep(deps, step)
    shareCost(before, asked.amountMinor)
    const [cost, by] = [{ ...asked, act: 'cost' } as const, step.by]
    const amountMinor = asked.amountMinor < 0n ? -asked.amountMinor : asked.amountMinor
    const party = { id: before.supplierId, name: before.supplierName }
    return submitAbout(deps, before, { edit: cost, by, party, amountMinor, waiting: answer.waiting }, (writes) =>
      applyCost(deps, before, { cost, by, also: { writes, events: [] } }, answer.made),
    )
  })

type Applying = { cost: LateCost; by: Asker; also: Also }

export const applyCost = async (
  deps: Deps,
  before: Purchase,
  { cost, by, also }: Applying,
  answer: Answer<Purchase>,
): Promise<Purchase> => {
  const revalued = await stillHere(deps, before, shareCost(before, cost.amountMinor))
  const outcome = (posted: Posted) => costed(before, { cost, by: by.userId, revalued, posted })
  const lines = revalued.flatMap((goods) => revaluation(before, goods))
  return takeStep(deps, before, { step: stepOf(before), by, lines, outcome, also }, answer)
}

const stepOf = ({ costChanges }: Purchase): string => `cost:${(costChanges.length + 1).toString()}`

/** Goods with their share of the cost, and how many of them are in stock. */
type Revalued = CostShare & { inStock: number; onAverage: boolean }

// On average cost nobody knows which goods left: those that came last are taken to be the ones still here.
const stillHere = async ({ db }: Deps, { warehouseId }: Purchase, shares: CostShare[]): Promise<Revalued[]> => {
  const shelves = await loadShelves(readsOn(db), [...new Set(shares.map(({ itemId }) => itemId))])
  const free = new Map([...shelves].map(([itemId, { stock }]) => [itemId, availableOf(levelIn(stock, warehouseId))]))
  return shares.flatMap((share) => {
    const shelf = shelves.get(share.itemId)
    const onAverage = shelf?.stock.method === 'average'
    const layer = shelf?.layers.find(({ _id }) => _id === share.moveId)
    const left = onAverage ? share.kept : layer ? remainingIn(layer).quantity : 0
    const inStock = Math.min(left, share.kept, free.get(share.itemId) ?? 0)
    free.set(share.itemId, (free.get(share.itemId) ?? 0) - inStock)
    return inStock > 0 ? [{ ...share, inStock, onAverage }] : []
  })
}

// They leave at what they cost so far and come in again with their part of the late cost.
const revaluation = ({ warehouseId }: Purchase, goods: Revalued): StockLine[] => {
  const { itemId, inStock: quantity, moveId: layerOf } = goods
  return [
    { kind: 'issue', type: 'adjustment', itemId, warehouseId, quantity, layerOf },
    {
      ...{ kind: 'receive', type: 'adjustment', itemId, warehouseId, quantity },
      valueMinor: (moves) => {
        const valueMinor = borneBy(goods, quantity) - (moves.at(-1)?.valueMinor ?? 0n)
        return valueMinor > 0n ? valueMinor : 0n
      },
    },
  ]
}

type Costed = { cost: LateCost; by: string; revalued: readonly Revalued[]; posted: Posted }

const costed = (before: Purchase, { cost, by, revalued, posted }: Costed): Taken => {
  const { kind, reason, amountMinor, method } = cost
  const relayered = new Map(revalued.map((goods, index) => [goods.moveId, newLayerOf(goods, posted.moves, index)]))
  const toStockMinor = posted.moves.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)
  const taxMinor = taxOnCost(before, cost)
  const change = { at: posted.postedAt, by, kind, reason, amountMinor, taxMinor, toStockMinor }
  const purchase = changeCost(before, change, relayered)
  const sides = { inventory: toStockMinor, input_tax: taxMinor, stock_variance: amountMinor - toStockMinor }
  const paid = kind === 'landed_cost' ? { [method]: -amountMinor } : {}
  const description = `Late cost of purchase ${before._id}: ${reason}`
  const entry = { step: stepOf(before), sides: withSettlement(before, purchase, { ...sides, ...paid }), description }
  return { purchase, events: () => [events.costChanged(purchase, change), ...events.bookEntries(purchase, entry)] }
}

// Somebody took some of the goods since they were looked at: then others stood in for them, and it is decided again.
const newLayerOf = ({ moveId, onAverage }: Revalued, moves: Posted['moves'], index: number): string => {
  const [out, back] = [moves[2 * index], moves[2 * index + 1]]
  if (!onAverage && out?.uses.some(({ layerId }) => layerId !== moveId)) throw new Overtaken()
  return back?._id ?? moveId
}
