import type { ValuationMethod } from '../stock/domain/stock.js'

export const ITEM_TYPES = ['preform', 'bottle', 'sold', 'goods'] as const
export const ITEM_GRADES = ['A', 'B', 'C'] as const
export const ITEM_UNITS = ['pcs', 'kg', 'liters'] as const

type Reordering = {
  /** What is ordered at a time, at least; more is rounded up to whole multiples. */
  reorderQuantity: number | null
  reorderMultiple: number
  /** How long a supplier takes to deliver. */
  leadTimeDays: number
  /** How often, in per cent, stock should last until the delivery. */
  serviceLevel: number
  supplierId: string | null
}

/** Something that can be stocked. Its id is chosen by people (`bottle-500ml-a`) and never changes. */
export type Item = Reordering & {
  _id: string
  name: string
  type: (typeof ITEM_TYPES)[number]
  size: string | null
  grade: (typeof ITEM_GRADES)[number] | null
  unit: (typeof ITEM_UNITS)[number]
  lowStockThreshold: number | null
  /** How what leaves is valued: the oldest cost first, or the average. */
  valuationMethod: ValuationMethod
  /** The vendor whose goods these are; null for the house's own. */
  ownerId: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export const defaultTerms = {
  lowStockThreshold: null,
  valuationMethod: 'fifo',
  ownerId: null,
  reorderQuantity: null,
  reorderMultiple: 1,
  leadTimeDays: 7,
  serviceLevel: 95,
  supplierId: null,
} as const

export type ItemFields = Omit<Item, '_id' | 'version' | 'createdAt' | 'updatedAt'>

/** The fields of a new item; the terms on which it is kept and ordered need not be given. */
export type NewItem = Omit<ItemFields, keyof typeof defaultTerms> & Partial<ItemFields>

export const createItem = (id: string, fields: NewItem, now: Date): Item => ({
  _id: id,
  ...defaultTerms,
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
