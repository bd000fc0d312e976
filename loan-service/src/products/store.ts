import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { versionId, type ProductVersion } from './domain.js'

export const loanProducts = defineCollection<ProductVersion>(
  'loan_products',
  {
    productId: { type: String, required: true },
    version: { type: Number, required: true },
    currency: { type: String, required: true },
    name: { type: String, required: true },
    description: String,
    minAmountMinor: { type: BigInt, required: true },
    maxAmountMinor: BigInt,
    minTermMonths: { type: Number, required: true },
    maxTermMonths: { type: Number, required: true },
    annualRate: { type: String, required: true },
    minAnnualRate: { type: String, required: true },
    maxAnnualRate: { type: String, required: true },
    product: { type: Object, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    replacedAt: Date,
  },
  {
    indexes: [
      { fields: { productId: 1, version: -1 }, options: { unique: true } },
      { fields: { replacedAt: 1, name: 1, _id: 1 } },
    ],
  },
)

export const findCurrent = (reads: Reads, productId: string) =>
  reads.findOne(loanProducts, { productId, replacedAt: null })

export const findVersion = (reads: Reads, productId: string, version: number) =>
  reads.findOne(loanProducts, { _id: versionId(productId, version) })

/** False when the product has this version already. */
export const insertVersion = (tx: Tx, version: ProductVersion): Promise<boolean> =>
  tx.insertIfAbsent(loanProducts, version)

/** Ends a version's time; the one thing about it that ever changes. */
export const endVersion = async (tx: Tx, { _id }: ProductVersion, at: Date): Promise<void> => {
  await tx.update(loanProducts, { _id, replacedAt: null }, { $set: { replacedAt: at } })
}

export const listCurrent = async (
  reads: Reads,
  at: { page: number; page_size: number },
): Promise<Page<ProductVersion>> => {
  const filter = { replacedAt: null }
  const found = await reads.find(loanProducts, filter, { sort: { name: 1, _id: 1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(loanProducts, filter), at)
}

export const listVersions = async (
  reads: Reads,
  productId: string,
  at: { page: number; page_size: number },
): Promise<Page<ProductVersion>> => {
  const found = await reads.find(loanProducts, { productId }, { sort: { version: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(loanProducts, { productId }), at)
}
