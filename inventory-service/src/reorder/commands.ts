import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { isDuplicateKey } from '@countinghouse/shared/mongo/lease'
import { inTransaction, native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import type { Item } from '../items/domain.js'
import { findItem, items } from '../items/store.js'
import { MAIN_WAREHOUSE, availableOf, emptyLevel, type Level } from '../stock/domain/stock.js'
import { findStock } from '../stock/reading.js'
import type { Wish } from '../wish.js'
import { accept, assertOpen, demandOf, quantityToOrder, reorderPointOf, suggest, type Suggestion } from './domain.js'
import {
  SuggestionChanged,
  demandSince,
  findAccepted,
  findOpen,
  findSuggestion,
  suggestionUpdate,
  suggestions,
} from './store.js'

export type Deps = {
  db: Connection
  now: () => Date
  dayOf: (instant: Date) => string
  /** Drafts a purchase; answers its number. */
  draftPurchase: (wish: Wish) => Promise<string>
  /** Whether a purchase is still but a draft, so that nothing of it is on its way. */
  isDraft: (purchaseNumber: string) => Promise<boolean>
}

const DEMAND_DAYS = 56
const DAY_MS = 24 * 3600 * 1000

/** Brings the suggestions for an item up to date, in each warehouse that keeps it. */
export const suggestFor = async (deps: Deps, itemId: string): Promise<void> => {
  const item = await findItem(readsOn(deps.db), itemId)
  const stock = await findStock(readsOn(deps.db), itemId)
  // What vendors sell, they order themselves.
  if (!item || !stock || item.ownerId !== null) return
  const levels = stock.levels.length > 0 ? stock.levels : [emptyLevel(MAIN_WAREHOUSE)]
  for (const level of levels) await suggestAt(deps, item, level, thresholdAt(level, levels, item))
}

/** The same for all items; what is stopped goes on the next night. */
export const suggestForAll = async (deps: Deps, signal: AbortSignal): Promise<void> => {
  const all = native(deps.db, items).find({}).project<{ _id: string }>({ _id: 1 })
  for await (const { _id } of all) {
    if (signal.aborted) return
    await suggestFor(deps, _id)
  }
}

const suggestAt = async (deps: Deps, item: Item, level: Level, threshold: number): Promise<void> => {
  const { db, now } = deps
  const [itemId, { warehouseId }] = [item._id, level]
  const since = new Date(now().getTime() - DEMAND_DAYS * DAY_MS)
  const demand = demandOf(await demandSince(db, { itemId, warehouseId, since, dayOf: deps.dayOf }), DEMAND_DAYS)
  const reorderPoint = Math.max(reorderPointOf(demand, item), threshold)
  const projected = availableOf(level) + level.incoming + (await draftedFor(deps, itemId, warehouseId))
  const finding = {
    ...{ quantity: quantityToOrder(reorderPoint, projected, item), reorderPoint, projected },
    ...{ demandPerDay: Math.round(demand.mean * 100) / 100, supplierId: item.supplierId },
  }
  try {
    await inTransaction(db, async (tx) => {
      const open = await findOpen(tx, itemId, warehouseId)
      const after = suggest(open, { _id: uuidv7(), itemId, warehouseId }, finding, now())
      if (after) await tx.replace(suggestions, after)
    })
  } catch (error) {
    // Another process has just suggested it.
    if (!isDuplicateKey(error)) throw error
  }
}

/** The threshold is for all warehouses together: what lies elsewhere counts, and what is missing is ordered for one. */
const thresholdAt = (level: Level, levels: readonly Level[], { lowStockThreshold }: Item): number => {
  const home = levels.find(({ warehouseId }) => warehouseId === MAIN_WAREHOUSE) ?? levels[0]
  if (level !== home || lowStockThreshold === null) return 0
  const elsewhere = levels.filter((other) => other !== home).reduce((sum, other) => sum + availableOf(other), 0)
  return Math.max(0, lowStockThreshold - elsewhere)
}

const draftedFor = async ({ db, isDraft }: Deps, itemId: string, warehouseId: string): Promise<number> => {
  let drafted = 0
  for (const { purchaseNumber, quantity } of await findAccepted(readsOn(db), itemId, warehouseId))
    if (purchaseNumber !== null && (await isDraft(purchaseNumber))) drafted += quantity
  return drafted
}

export type Acceptance = { id: string; supplierId: string | undefined; quantity: number | undefined; userId: string }

/** Makes a suggestion a draft purchase, once. */
export const acceptSuggestion = async (
  deps: Deps,
  { id, supplierId, quantity, userId }: Acceptance,
  answer: (accepted: Suggestion) => CompanionWrite[],
): Promise<Suggestion> => {
  const before = await findSuggestion(readsOn(deps.db), id)
  if (!before) throw refuse('suggestion_not_found', { suggestion_id: id })
  assertOpen(before)
  const wanted = { ...before, quantity: quantity ?? before.quantity }
  const acceptedAs = (number: string) => accept(wanted, number, deps.now())
  try {
    const number = await deps.draftPurchase({
      itemId: before.itemId,
      warehouseId: before.warehouseId,
      quantity: wanted.quantity,
      supplierId: supplierId ?? before.supplierId ?? undefined,
      createdBy: userId,
      notes: null,
      writes: ({ _id }) => [suggestionUpdate(before, acceptedAs(_id)), ...answer(acceptedAs(_id))],
    })
    return acceptedAs(number)
  } catch (error) {
    if (error instanceof SuggestionChanged) return acceptSuggestion(deps, { id, supplierId, quantity, userId }, answer)
    throw error
  }
}
