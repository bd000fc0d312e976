import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import type { Posted } from '../stock/domain/stock.js'
import type { Stock } from '../stock/stock.js'
import { findStocks } from '../stock/reading.js'
import { asOthersCost, varianceEvents } from '../stock/variance.js'
import { findWarehouseIds } from '../stock/warehouses.js'
import {
  cancel,
  differencesOf,
  enter,
  post,
  requestCount,
  review,
  varianceOf,
  type Entry,
  type StockCount,
} from './domain.js'
import { CountChanged, countUpdate, findCount, insertCount, itemsIn } from './store.js'

export type Deps = { db: Connection; now: () => Date; stock: Stock; currency: string }
export type Person = { userId: string; isAdmin: boolean }
type Answer = (count: StockCount) => CompanionWrite[]

const LINES_MAX = 1_000

export type AskedCount = { warehouseId: string; itemIds: string[] | undefined; note: string | null }

/** Asks for a count of some items in a warehouse, or of all that it keeps. */
export const openCount = async (
  tx: Tx,
  { now, currency }: Deps,
  asked: AskedCount,
  by: string,
): Promise<StockCount> => {
  const { warehouseId, note } = asked
  if ((await findWarehouseIds(tx, [warehouseId])).length === 0)
    throw refuse('warehouse_not_found', { warehouse_id: warehouseId })
  const itemIds = [...new Set(asked.itemIds ?? (await itemsIn(tx, warehouseId, LINES_MAX)))]
  const known = await findStocks(tx, itemIds)
  for (const itemId of itemIds) if (!known.has(itemId)) throw refuse('item_not_found', { item_id: itemId })
  const count = requestCount({ _id: uuidv7(), warehouseId, note, requestedBy: by, currency, itemIds }, now())
  await insertCount(tx, count)
  return count
}

export const getCount = async (reads: Reads, id: string): Promise<StockCount> => {
  const count = await findCount(reads, id)
  if (!count) throw refuse('stock_count_not_found', { stock_count_id: id })
  return count
}

/** Notes what somebody counted, beside what the books say at this moment. */
export const enterCounts = (deps: Deps, id: string, entries: readonly Entry[], { userId }: Person, answer: Answer) =>
  takeStep(deps, id, answer, async (tx, count) => {
    const stocks = await findStocks(
      tx,
      entries.map(({ itemId }) => itemId),
    )
    return enter(count, entries, { by: userId, now: deps.now(), stocks })
  })

export const reviewCount = (deps: Deps, id: string, verdict: 'approve' | 'recount', by: Person, answer: Answer) =>
  takeStep(deps, id, answer, (_, count) => review(count, verdict, { by: by.userId, now: deps.now() }))

/** Gives a count up: whoever asked for it, or an admin. */
export const cancelCount = (deps: Deps, id: string, by: Person, answer: Answer) =>
  takeStep(deps, id, answer, (_, count) => {
    if (!by.isAdmin && count.requestedBy !== by.userId) throw refuseCommon('forbidden')
    return cancel(count, deps.now())
  })

type Decide = (tx: Tx, count: StockCount) => StockCount | Promise<StockCount>

const takeStep = ({ db }: Deps, id: string, answer: Answer, decide: Decide): Promise<StockCount> =>
  inTransaction(db, async (tx) => {
    const before = await getCount(tx, id)
    const after = await decide(tx, before)
    await writeCompanions(tx, [countUpdate(before, after), ...answer(after)])
    return after
  })

/** Brings the books to what was counted, in one commit. */
export const postCount = async (deps: Deps, id: string, { userId }: Person, answer: Answer): Promise<StockCount> => {
  const before = await getCount(readsOn(deps.db), id)
  const after = post(before, { by: userId, now: deps.now() })
  const countOf = ({ moves }: Pick<Posted, 'moves'>): StockCount => ({ ...after, lines: withValues(after, moves) })
  try {
    const posted = await deps.stock.submit({
      cause: { kind: 'stock_count', id, step: 'posted' },
      actor: `user:${userId}`,
      effectiveAt: deps.now(),
      lines: differencesOf(before, (quantity) => asOthersCost(quantity, before.warehouseId)),
      companions: (made) => [...answer(countOf(made)), countUpdate(before, countOf(made))],
      events: ({ moves }) => varianceEvents(varianceIn(before, moves)),
    })
    return countOf(posted)
  } catch (error) {
    // Somebody was faster, and it has another state now, which says what is wrong.
    if (error instanceof CountChanged) return postCount(deps, id, { userId, isAdmin: false }, answer)
    throw error
  }
}

const withValues = ({ lines }: StockCount, moves: Posted['moves']): StockCount['lines'] =>
  lines.map((line) => ({
    ...line,
    valueMinor: varianceOf(line) === 0 ? 0n : (moves.find(({ itemId }) => itemId === line.itemId)?.valueMinor ?? 0n),
  }))

const varianceIn = ({ _id, note, currency }: StockCount, moves: Posted['moves']) => ({
  document: { kind: 'stock_count' as const, id: _id },
  ...{ moves, against: 'stock_variance' as const, currency },
  reasonOf: () => ({ reason: 'count', note }),
})
