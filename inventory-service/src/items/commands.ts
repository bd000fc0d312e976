import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../errors.js'
import { changeItem, createItem, type Item, type ItemFields } from './domain.js'
import { findItem, insertItem, removeItem, saveItem } from './store.js'

export const addItem = async (tx: Tx, id: string, fields: ItemFields, now: Date): Promise<Item> => {
  const item = createItem(id, fields, now)
  if (!(await insertItem(tx, item))) throw refuse('item_exists', { item_id: id })
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
  return changed
}

export const deleteItem = async (tx: Tx, id: string): Promise<void> => {
  if ((await removeItem(tx, id)) === 0) throw refuse('item_not_found', { item_id: id })
}
