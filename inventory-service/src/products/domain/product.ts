import { refuse } from '../../errors.js'
import { fold } from '../../categories/domain.js'
import { termsOf, wordsOf } from './terms.js'

/** Who gets the money of a sale: the house, or a vendor, less the commission. */
export const SELLERS = ['house', 'vendor'] as const

export type ProductImage = { id: string; alt: string | null; width: number; height: number; addedAt: Date }

/** Something that the shop offers. What lies in stock of it, and what that cost, belongs to its item. */
export type Product = {
  /** The slug: made of the first name, and kept for ever. */
  _id: string
  name: string
  description: string | null
  categoryId: string
  vendorId: string
  vendorName: string | null
  seller: (typeof SELLERS)[number]
  priceMinor: bigint
  discountPriceMinor: bigint | null
  /** What it is sold for now. */
  finalPriceMinor: bigint
  itemId: string
  /** Its item is made for it, so that its owner says how many there are. */
  ownsItem: boolean
  images: ProductImage[]
  ratingSum: number
  ratingCount: number
  /** As last seen in the stock, at this version of it: what filters go by. */
  available: number
  stockVersion: number
  /** What it is found by, and ordered by. */
  terms: string[]
  words: string[]
  sortName: string
  /** The request that made it. */
  claimId: string | null
  deletedAt: Date | null
  version: number
  createdAt: Date
  updatedAt: Date
}

export type ProductFields = Pick<Product, 'name' | 'description' | 'categoryId' | 'priceMinor' | 'discountPriceMinor'>

/** What a product is beside what its owner writes about it. */
export type ProductOrigin = Pick<
  Product,
  '_id' | 'vendorId' | 'vendorName' | 'seller' | 'itemId' | 'ownsItem' | 'claimId'
>

export const createProduct = (origin: ProductOrigin, fields: ProductFields, now: Date): Product => ({
  ...origin,
  ...fields,
  ...derivedOf(fields),
  ...{ images: [], ratingSum: 0, ratingCount: 0, available: 0, stockVersion: 0 },
  ...{ deletedAt: null, version: 1, createdAt: now, updatedAt: now },
})

export const changeProduct = (product: Product, changes: Partial<ProductFields>, now: Date): Product => {
  const changed = { ...product, ...changes, version: product.version + 1, updatedAt: now }
  return { ...changed, ...derivedOf(changed) }
}

export const withImages = (product: Product, images: ProductImage[], now: Date): Product => ({
  ...product,
  ...{ images, version: product.version + 1, updatedAt: now },
})

const derivedOf = ({ name, description, priceMinor, discountPriceMinor }: ProductFields) => {
  if (discountPriceMinor !== null && discountPriceMinor >= priceMinor) throw refuse('discount_not_below_price')
  const words = wordsOf(name)
  return {
    finalPriceMinor: discountPriceMinor ?? priceMinor,
    words,
    terms: termsOf([...words, ...wordsOf(description ?? '').slice(0, DESCRIPTION_WORDS_MAX)]),
    sortName: fold(name),
  }
}

const DESCRIPTION_WORDS_MAX = 60

/** Names that stand for something else in an address below `/products`. */
export const RESERVED_SLUGS: ReadonlySet<string> = new Set(['create', 'facets', 'analytics', 'mine'])

type Actor = { userId: string; role: string }

/** A product is changed by the vendor whose it is, or by an admin. */
export const mayChange = ({ vendorId }: Pick<Product, 'vendorId'>, { userId, role }: Actor): boolean =>
  role === 'admin' || (role === 'vendor' && vendorId === userId)

/** The mean of all ratings to two decimals; null without one. */
export const ratingOf = ({ ratingSum, ratingCount }: Pick<Product, 'ratingSum' | 'ratingCount'>): number | null =>
  ratingCount === 0 ? null : Math.round((ratingSum * 100) / ratingCount) / 100
