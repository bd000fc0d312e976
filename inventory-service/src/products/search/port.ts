import type { Product } from '../domain/product.js'

/** Which products are meant; what is not said leaves all. */
export type Selection = {
  search?: string | undefined
  categoryId?: string | undefined
  vendorId?: string | undefined
  minPriceMinor?: bigint | undefined
  maxPriceMinor?: bigint | undefined
  inStock?: boolean | undefined
}

export type SearchOrder = {
  /** Without one: what fits the words best first, else the newest. */
  sort: Record<string, 1 | -1> | undefined
  page: number
  page_size: number
}

/** How many products of a selection there are of each kind; each facet counts what the others leave. */
export type Facets = {
  categories: { categoryId: string; count: number }[]
  vendors: { vendorId: string; vendorName: string | null; count: number }[]
  inStock: number
  total: number
  minPriceMinor: bigint | null
  maxPriceMinor: bigint | null
}

/** What finds products. */
export interface ProductSearch {
  find(selection: Selection, order: SearchOrder): Promise<{ products: Product[]; total: number }>
  facets(selection: Selection): Promise<Facets>
}
