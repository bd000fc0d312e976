import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { StockLine } from '../../stock/domain/stock.js'
import { bookReturn } from '../domain/books.js'
import type { Order, ReturnLine } from '../domain/order.js'
import { receiveReturn, rejectReturn, requestReturn } from '../domain/returns.js'
import { entryDue, returnedEvent } from '../events.js'
import { save } from './checkOut.js'
import { spotOf, takeStep, withLatest, type Deps } from './deps.js'
import { payBack } from './sweep.js'

export type AskedReturn = { orderNumber: string; lines: ReturnLine[]; reason: string }
type AnswerFor = (order: Order) => readonly CompanionWrite[]

/** The buyer announces what comes back. */
export const askReturn = (
  deps: Deps,
  { orderNumber, lines, reason }: AskedReturn,
  answer: AnswerFor,
): Promise<Order> => {
  const id = uuidv7()
  return withLatest(deps, orderNumber, (order) => {
    const after = requestReturn(order, { id, lines, reason }, deps.rules.returnDays, deps.now())
    return save(deps, order, after, answer(after))
  })
}

export type ReturnDecision = { orderNumber: string; returnId: string; status: 'received' | 'rejected'; actor: string }

/** The goods are here, and lie in stock again at what they cost; their price goes back to the buyer. Or they are not taken. */
export const decideReturn = async (deps: Deps, decision: ReturnDecision): Promise<Order> => {
  const { orderNumber, returnId, status, actor } = decision
  const decided = await withLatest(deps, orderNumber, (order) =>
    status === 'rejected'
      ? save(deps, order, rejectReturn(order, returnId, deps.now()))
      : take(deps, order, returnId, actor),
  )
  if (decided.refunds.some((refund) => refund.status === 'due')) await payBack(deps, decided)
  return decided
}

const take = (deps: Deps, order: Order, returnId: string, actor: string): Promise<Order> => {
  const { order: after, goods, refundMinor } = receiveReturn(order, returnId, deps.now())
  const lines: StockLine[] = goods.map(({ line, quantity, costMinor }) => ({
    ...{ ...spotOf(line), kind: 'receive', type: 'return', quantity, valueMinor: costMinor },
  }))
  return takeStep(deps, order, {
    ...{ step: `return:${returnId}`, actor, lines, after: () => after },
    events: (left) => [
      returnedEvent(left, returnId, goods, refundMinor),
      ...entryDue(left, `return:${returnId}`, bookReturn(order, goods, deps.rules.commission)),
    ],
  })
}
