import type { Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { runsLow, type ItemStock, type ValuationMethod } from './domain/stock.js'
import { findStock } from './reading.js'
import { stocks } from './store.js'

/** How the stock of an item is kept: what its item says about it. */
export type StockTerms = { itemId: string; method: ValuationMethod; lowBelow: number | null }

/** The empty stock of a new item. */
export const openStock = async (tx: Tx, { itemId, method, lowBelow }: StockTerms, now: Date): Promise<void> => {
  const stock = { _id: itemId, method, lowBelow, levels: [], moveCount: 0, version: 1, updatedAt: now }
  await tx.insertIfAbsent(stocks, { ...stock, isLow: runsLow(stock) })
}

/**
 * Keeps an item on other terms from now on; answers its stock if it runs low by that. What lies there has been valued by
 * one method, which therefore stays.
 */
export const changeTerms = async (tx: Tx, terms: StockTerms, now: Date): Promise<ItemStock | undefined> => {
  const { itemId, method, lowBelow } = terms
  const before = await findStock(tx, itemId)
  if (!before || (before.method === method && before.lowBelow === lowBelow)) return undefined
  if (before.method !== method && before.levels.length > 0) throw refuse('valuation_fixed', { item_id: itemId })
  const changed = { ...before, method, lowBelow, version: before.version + 1, updatedAt: now }
  const after = { ...changed, isLow: runsLow(changed) }
  await tx.replace(stocks, after)
  return after.isLow && !before.isLow ? after : undefined
}

/** Gives up the stock of an item that never had any. */
export const closeStock = async (tx: Tx, itemId: string): Promise<void> => {
  const removed = await tx.remove(stocks, { _id: itemId, levels: { $size: 0 } })
  if (removed === 0 && (await findStock(tx, itemId))) throw refuse('item_in_use', { item_id: itemId })
}
