import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { endApproval } from '../../approvals/commands.js'
import { endUndecided } from '../../approvals/domain.js'
import type { GateDeps } from '../../approvals/gate.js'
import { findPendingOf } from '../../approvals/store.js'
import { refuse } from '../../errors.js'
import type { Stock } from '../../stock/stock.js'
import { findStocks } from '../../stock/reading.js'
import { findWarehouseIds } from '../../stock/warehouses.js'
import { COUNT_KIND, cancel, enter, requestCount, review, type Entry, type StockCount } from '../domain.js'
import { countUpdate, findCount, insertCount, itemsIn } from '../store.js'

export type Deps = GateDeps & { stock: Stock }
export type Person = { userId: string; isAdmin: boolean }
export type Answer = (count: StockCount) => CompanionWrite[]

const LINES_MAX = 1_000

export type AskedCount = { warehouseId: string; itemIds: string[] | undefined; note: string | null }

/** Asks for a count of some items in a warehouse, or of all that it keeps. */
export const openCount = async (
  tx: Tx,
  { now, approvalRules: { currency } }: Deps,
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
  takeStep(deps, id, answer, async (tx, count) => {
    if (!by.isAdmin && count.requestedBy !== by.userId) throw refuseCommon('forbidden')
    const cancelled = cancel(count, deps.now())
    const pending = await findPendingOf(tx, COUNT_KIND, id)
    if (pending) await endApproval(tx, pending, endUndecided(pending, 'void', deps.now()))
    return cancelled
  })

type Decide = (tx: Tx, count: StockCount) => StockCount | Promise<StockCount>

const takeStep = ({ db }: Deps, id: string, answer: Answer, decide: Decide): Promise<StockCount> =>
  inTransaction(db, async (tx) => {
    const before = await getCount(tx, id)
    const after = await decide(tx, before)
    await writeCompanions(tx, [countUpdate(before, after), ...answer(after)])
    return after
  })
