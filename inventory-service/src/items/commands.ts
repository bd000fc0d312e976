import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { lowEvent } from '../stock/events.js'
import { changeTerms, closeStock, openStock, type StockTerms } from '../stock/terms.js'
import { changeItem, createItem, type Item, type ItemFields, type NewItem } from './domain.js'
import { findItem, insertItem, removeItem, saveItem } from './store.js'

export const addItem = async (tx: Tx, id: string, fields: NewItem, now: Date): Promise<Item> => {
  const item = createItem(id, fields, now)
  if (!(await insertItem(tx, item))) throw refuse('item_exists', { item_id: id })
  await openStock(tx, termsOf(item), now)
  return item
}

export const getItem = async (reads: Reads, id: string): Promise<Item> => {
  const item = await findItem(reads, id)
  if (!item) throw refuse('item_not_found', { item_id: id })
  return item
}

export type ItemChange = { id: string; changes: Partial<ItemFields>; ifMatch: number | undefined }

export const editItem = async (tx: Tx, { id, changes, ifMatch }: ItemChange, now: Date): Promise<Item> => {
  const item = await getItem(tx, id)
  if (ifMatch !== undefined && ifMatch !== item.version) throw refuseCommon('version_conflict')
  const changed = changeItem(item, changes, now)
  await saveItem(tx, changed)
  const low = await changeTerms(tx, termsOf(changed), now)
  if (low) await addToOutbox(tx, lowEvent(low))
  return changed
}

export const deleteItem = async (tx: Tx, id: string): Promise<void> => {
  if ((await removeItem(tx, id)) === 0) throw refuse('item_not_found', { item_id: id })
  await closeStock(tx, id)
}

const termsOf = ({ _id, valuationMethod, lowStockThreshold }: Item): StockTerms => ({
  itemId: _id,
  method: valuationMethod,
  lowBelow: lowStockThreshold,
})
