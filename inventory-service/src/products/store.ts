import { isText, where } from '@countinghouse/shared/mongo/partial'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import { SELLERS, type Product } from './domain/product.js'

const image = new Schema(
  {
    id: { type: String, required: true },
    alt: String,
    width: { type: Number, required: true },
    height: { type: Number, required: true },
    addedAt: { type: Date, required: true },
  },
  { _id: false },
)

const name = { type: String, required: true }
const amount = { type: BigInt, required: true }
const count = { type: Number, required: true }
const moment = { type: Date, required: true }

export const products = defineCollection<Product>(
  'products',
  {
    ...{ name, description: String, categoryId: name, vendorId: name, vendorName: String },
    seller: { type: String, enum: SELLERS, required: true },
    ...{ priceMinor: amount, discountPriceMinor: BigInt, finalPriceMinor: amount },
    ...{ itemId: name, ownsItem: { type: Boolean, required: true } },
    images: { type: [image], required: true },
    ...{ ratingSum: count, ratingCount: count, available: count, stockVersion: count },
    ...{ terms: { type: [String], required: true }, words: { type: [String], required: true }, sortName: name },
    ...{ claimId: String, deletedAt: Date },
    ...{ version: count, createdAt: moment, updatedAt: moment },
  },
  {
    indexes: [
      { fields: { deletedAt: 1, createdAt: -1, _id: -1 } },
      { fields: { deletedAt: 1, finalPriceMinor: 1, _id: 1 } },
      { fields: { deletedAt: 1, sortName: 1, _id: 1 } },
      { fields: { categoryId: 1, deletedAt: 1, finalPriceMinor: 1, _id: 1 } },
      { fields: { vendorId: 1, deletedAt: 1, createdAt: -1 } },
      { fields: { terms: 1 } },
      { fields: { itemId: 1 } },
      {
        fields: { claimId: 1 },
        options: { unique: true, ...where('claimId', 'string') },
      },
    ],
    invariants: [
      { $gte: ['$finalPriceMinor', 0] },
      { $lte: ['$finalPriceMinor', '$priceMinor'] },
      { $gte: ['$ratingSum', '$ratingCount'] },
      { $lte: ['$ratingSum', { $multiply: ['$ratingCount', 5] }] },
    ],
  },
)

export const findProduct = (reads: Reads, slug: string): Promise<Product | undefined> =>
  reads.findOne(products, { _id: slug, deletedAt: null })

export const findClaimed = (reads: Reads, claimId: string): Promise<Product | undefined> =>
  reads.findOne(products, { claimId: isText(claimId) })

export const findProducts = async (reads: Reads, slugs: readonly string[]): Promise<Product[]> =>
  (await reads.find(products, { _id: { $in: [...slugs] } })).filter(({ deletedAt }) => deletedAt === null)

/** Those that sell these items. */
export const findSelling = (reads: Reads, itemIds: readonly string[]): Promise<Product[]> =>
  reads.find(products, { itemId: { $in: [...itemIds] }, deletedAt: null })

/** The slugs that begin like this one and are taken, also by products that are gone. */
export const findTaken = async (reads: Reads, slug: string): Promise<Set<string>> => {
  const found = await reads.find(products, { _id: { $regex: `^${slug}(-\\d+)?$` } })
  return new Set(found.map(({ _id }) => _id))
}

export const countInCategory = (reads: Reads, categoryId: string): Promise<number> =>
  reads.count(products, { categoryId, deletedAt: null })

export const insertProduct = (tx: Tx, product: Product): Promise<void> => tx.insert(products, product)

export const saveProduct = (tx: Tx, product: Product): Promise<void> => tx.replace(products, product)

type Seen = { itemId: string; available: number; stockVersion: number }

/** Notes what the stock says, unless something newer is noted. */
export const noteAvailable = (tx: Tx, { _id }: Product, { available, stockVersion }: Seen): Promise<number> =>
  tx.update(products, { _id, stockVersion: { $lt: stockVersion } }, { $set: { available, stockVersion } })
