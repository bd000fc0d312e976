import type { ItemStock, Layer, Reservation } from './stock.js'

/** The stock of an item with its open layers, oldest first. */
export type Shelf = { stock: ItemStock; layers: readonly Layer[] }

/** What is known before a request is decided. */
export type Known = {
  shelf(itemId: string): Shelf | undefined
  reservation(id: string): Reservation | undefined
  hasWarehouse(id: string): boolean
}
