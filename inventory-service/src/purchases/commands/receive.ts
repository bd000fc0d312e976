import { untilUnchanged } from '../../overtaken.js'
import type { Posted, StockLine } from '../../stock/domain/stock.js'
import { withSettlement } from '../domain/books.js'
import { addedUp } from '../domain/pricing.js'
import { lineAt, type Part, type Purchase } from '../domain/purchase.js'
import { decideReceipt, pricedReceipt, receive, type Asked } from '../domain/receiving.js'
import * as events from '../events.js'
import { getForStep, takeStep, voidingOf, type Answer, type Deps, type Step, type Taken } from './deps.js'

/** Takes in what has come of an order: the parts named, or all that is outstanding. */
export const receivePurchase = (
  deps: Deps,
  step: Step,
  asked: readonly Asked[] | undefined,
  answer: Answer<Purchase>,
): Promise<Purchase> =>
  untilUnchanged(async () => {
    const before = await getForStep(deps, step)
    const parts = decideReceipt(before, asked)
    const expected = parts.map(({ line, quantity }): StockLine => ({
      ...{ kind: 'expect', ...spotOf(before, line), quantity: -quantity },
    }))
    const taking = {
      ...{ step: stepOf(before), by: step.by, lines: [...receiptLines(before, parts), ...expected] },
      outcome: (posted: Posted) => received(before, { parts, by: step.by.userId, posted }),
      also: await voidingOf(deps, before),
    }
    return takeStep(deps, before, taking, answer)
  })

const stepOf = ({ receipts }: Purchase): string => `received:${(receipts.length + 1).toString()}`

const spotOf = (purchase: Purchase, line: number) => ({
  itemId: lineAt(purchase, line).itemId,
  warehouseId: purchase.warehouseId,
})

/** What comes into stock, each part at its price without tax. */
export const receiptLines = (purchase: Purchase, parts: readonly Part[]): StockLine[] =>
  pricedReceipt(purchase, parts).map(({ line, quantity, netMinor: valueMinor }) => ({
    ...{ kind: 'receive', type: 'receipt', ...spotOf(purchase, line), quantity, valueMinor },
  }))

type Came = { parts: readonly Part[]; by: string; posted: Posted }

/** The purchase when the parts have come, and what is told of it. */
export const received = (before: Purchase, { parts, by, posted }: Came): Taken => {
  const moved = parts.map((part, index) => ({ ...part, moveId: posted.moves[index]?._id ?? '' }))
  const purchase = receive(before, { parts: moved, by, at: posted.postedAt })
  const goods = pricedReceipt(before, parts)
  const { netMinor, taxMinor } = addedUp(goods)
  const sides = withSettlement(before, purchase, { inventory: netMinor, input_tax: taxMinor })
  const description = `Goods of purchase ${before._id} from ${before.supplierName}`
  return {
    purchase,
    events: () => [
      events.received(purchase, goods),
      ...events.bookEntries(purchase, { step: stepOf(before), sides, description }),
    ],
  }
}
