import { currentContext } from '@countinghouse/shared/context'
import { createGroupCommit } from '@countinghouse/shared/groupCommit'
import { gauge } from '@countinghouse/shared/metrics'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import { createCommit, type CommitDeps } from './commit.js'
import { decideOrder } from './domain/decide.js'
import type { Posted, StockOrder } from './domain/stock.js'
import { expireReservations } from './expiry.js'
import { postedOf, type Queued, type StockRequest } from './group.js'
import { readFacts, scopeOf, toBooks } from './memory.js'

/** The only way stock changes. */
export interface Stock {
  /**
   * Answers once it is durable. Refuses `item_not_found`, `warehouse_not_found`, `insufficient_stock`, `already_posted`,
   * `reservation_gone`, and what its companions refuse; a refusal leaves nothing behind.
   */
  submit(request: StockRequest): Promise<Posted>
  /** What a request would do now: nothing is written, and no number is drawn. */
  preview(order: StockOrder): Promise<Posted>
}

const GROUP_MAX = 512
// Documents count by their lines, so that no commit outlives what MongoDB gives a transaction.
const LINES_MAX = 2_000
const QUEUE_MAX = 10_000

const depth = gauge('stock_queue_depth', 'Requests that wait for the stock or are being committed')

/** The sequencer of this process: all requests that wait share one commit, decided in the order in which they came. */
export const createStock = ({ db, now, currency }: CommitDeps): Stock => {
  const group = createGroupCommit<Queued, Posted>({
    commit: createCommit({ db, now, currency }),
    groupMax: GROUP_MAX,
    weight: { of: ({ request }) => request.lines.length, max: LINES_MAX },
    queueMax: QUEUE_MAX,
    full: () => refuse('stock_busy'),
  })
  const submit = (request: StockRequest): Promise<Posted> => {
    depth.set(group.size() + 1)
    return group.submit({ request, context: currentContext() }).finally(() => {
      depth.set(group.size())
    })
  }
  const preview = async (order: StockOrder): Promise<Posted> => {
    // In a transaction, so that levels and layers are of one moment.
    const facts = await inTransaction(db, (tx) => readFacts(tx, scopeOf([{ request: order, context: undefined }])))
    const books = toBooks(facts, { causes: new Set(), misses: new Map() })
    const decided = decideOrder(order, books, { now: now(), newId: uuidv7, correlationId: null })
    return postedOf(decided, undefined, now())
  }
  // What is kept beyond its time is free for whoever needs it, without waiting for the sweeper.
  const orAfterExpiry = async (order: StockOrder, act: () => Promise<Posted>): Promise<Posted> => {
    try {
      return await act()
    } catch (error) {
      if (!isShort(error) || (await expireReservations({ db, now, submit }, order.lines)) === 0) throw error
      return act()
    }
  }
  return {
    submit: (request) => orAfterExpiry(request, () => submit(request)),
    preview: (order) => orAfterExpiry(order, () => preview(order)),
  }
}

const isShort = (error: unknown): boolean => error instanceof Refusal && error.code === 'insufficient_stock'
