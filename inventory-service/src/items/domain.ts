export const ITEM_TYPES = ['preform', 'bottle', 'sold', 'goods'] as const
export const ITEM_GRADES = ['A', 'B', 'C'] as const
export const ITEM_UNITS = ['pcs', 'kg', 'liters'] as const

/** Something that can be stocked. Its id is chosen by people (`bottle-500ml-a`) and never changes. */
export type Item = {
  _id: string
  name: string
  type: (typeof ITEM_TYPES)[number]
  size: string | null
  grade: (typeof ITEM_GRADES)[number] | null
  unit: (typeof ITEM_UNITS)[number]
  lowStockThreshold: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export type ItemFields = Omit<Item, '_id' | 'version' | 'createdAt' | 'updatedAt'>

export const createItem = (id: string, fields: ItemFields, now: Date): Item => ({
  _id: id,
  ...fields,
  version: 1,
  createdAt: now,
  updatedAt: now,
})

export const changeItem = (item: Item, changes: Partial<ItemFields>, now: Date): Item => ({
  ...item,
  ...changes,
  version: item.version + 1,
  updatedAt: now,
})
