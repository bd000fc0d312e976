import { untilUnchanged } from '../../overtaken.js'
import type { Asker } from '../../asking.js'
import type { WaitsForApproval } from '../../approvals/gate.js'
import type { LateCost as GoodsCost, Posted, StockLine } from '../../stock/domain/stock.js'
import { withSettlement } from '../domain/books.js'
import { changeCost, shareCost, taxOnCost, type AskedCost } from '../domain/costing.js'
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
  const lines = revaluations(before, cost.amountMinor)
  const outcome = (posted: Posted) => costed(before, { cost, by: by.userId, posted })
  return takeStep(deps, before, { step: stepOf(before), by, lines, outcome, also }, answer)
}

const stepOf = ({ costChanges }: Purchase): string => `cost:${(costChanges.length + 1).toString()}`

/** The goods that are still in stock bear their part of the cost, in the layers in which they are. */
const revaluations = (before: Purchase, amountMinor: bigint): StockLine[] => {
  const costs = new Map<string, GoodsCost[]>()
  for (const { itemId, moveId: layerOf, kept: quantity, amountMinor: valueMinor } of shareCost(before, amountMinor))
    costs.set(itemId, [...(costs.get(itemId) ?? []), { layerOf, quantity, valueMinor }])
  const { warehouseId } = before
  return [...costs].map(([itemId, ofItem]) => ({ kind: 'revalue', itemId, warehouseId, costs: ofItem }))
}

type Costed = { cost: LateCost; by: string; posted: Posted }

const costed = (before: Purchase, { cost, by, posted }: Costed): Taken => {
  const { kind, reason, amountMinor, method } = cost
  const toStockMinor = posted.moves.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)
  const taxMinor = taxOnCost(before, cost)
  const change = { at: posted.postedAt, by, kind, reason, amountMinor, taxMinor, toStockMinor }
  const purchase = changeCost(before, change)
  const sides = { inventory: toStockMinor, input_tax: taxMinor, stock_variance: amountMinor - toStockMinor }
  const paid = kind === 'landed_cost' ? { [method]: -amountMinor } : {}
  const description = `Late cost of purchase ${before._id}: ${reason}`
  const entry = { step: stepOf(before), sides: withSettlement(before, purchase, { ...sides, ...paid }), description }
  return { purchase, events: () => [events.costChanged(purchase, change), ...events.bookEntries(purchase, entry)] }
}
