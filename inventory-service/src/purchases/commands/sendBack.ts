import { untilUnchanged } from '../../overtaken.js'
import type { Posted, StockLine } from '../../stock/domain/stock.js'
import { withSettlement } from '../domain/books.js'
import { addedUp } from '../domain/pricing.js'
import { lineAt, type Purchase } from '../domain/purchase.js'
import { decideReturn, pricedReturn, sendBack, type Asked, type ReturnPart } from '../domain/receiving.js'
import * as events from '../events.js'
import { getForStep, takeStep, type Answer, type Deps, type Step, type Taken } from './deps.js'

export type AskedReturn = { goods: readonly Asked[]; reason: string }

/** Sends goods back to the supplier: they leave the stock at what they came in for, as far as they are still there. */
export const returnGoods = (
  deps: Deps,
  step: Step,
  { goods, reason }: AskedReturn,
  answer: Answer<Purchase>,
): Promise<Purchase> =>
  untilUnchanged(async () => {
    const before = await getForStep(deps, step)
    const parts = decideReturn(before, goods)
    const lines = parts.map(({ line, quantity, moveId }): StockLine => ({
      ...{ kind: 'issue', type: 'return', itemId: lineAt(before, line).itemId, warehouseId: before.warehouseId },
      ...{ quantity, layerOf: moveId },
    }))
    const outcome = (posted: Posted) => returned(before, { parts, reason, by: step.by.userId, posted })
    return takeStep(deps, before, { step: stepOf(before), by: step.by, lines, outcome }, answer)
  })

const stepOf = ({ returns }: Purchase): string => `returned:${(returns.length + 1).toString()}`

type Went = { parts: readonly ReturnPart[]; reason: string; by: string; posted: Posted }

const returned = (before: Purchase, { parts, reason, by, posted }: Went): Taken => {
  const costMinor = posted.moves.reduce((sum, { valueMinor }) => sum - valueMinor, 0n)
  const purchase = sendBack(before, { parts, costMinor, reason, by, at: posted.postedAt })
  const goods = pricedReturn(before, parts)
  const { netMinor, taxMinor } = addedUp(goods)
  const sides = { inventory: -costMinor, input_tax: -taxMinor, stock_variance: costMinor - netMinor }
  const description = `Goods of purchase ${before._id} went back: ${reason}`
  return {
    purchase,
    events: () => [
      events.goodsReturned(purchase, { goods, costMinor, reason }),
      ...events.bookEntries(purchase, {
        ...{ step: stepOf(before), description },
        sides: withSettlement(before, purchase, sides),
      }),
    ],
  }
}
