import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { products } from '../products/store.js'
import { countedOf, REVIEW_STATUSES, type Review, type ReviewStatus } from './domain.js'

const name = { type: String, required: true }
const moment = { type: Date, required: true }

export const reviews = defineCollection<Review>(
  'reviews',
  {
    ...{ product: name, userId: name, username: name },
    rating: { type: Number, min: 1, max: 5, required: true },
    comment: String,
    status: { type: String, enum: REVIEW_STATUSES, required: true },
    ...{ version: { type: Number, required: true }, createdAt: moment, updatedAt: moment },
  },
  {
    indexes: [
      { fields: { product: 1, userId: 1 }, options: { unique: true } },
      { fields: { product: 1, status: 1, _id: -1 } },
      { fields: { status: 1, _id: -1 } },
    ],
    invariants: [{ $and: [{ $gte: ['$rating', 1] }, { $lte: ['$rating', 5] }] }],
  },
)

export const findReview = (reads: Reads, id: string): Promise<Review | undefined> => reads.findOne(reviews, { _id: id })

export const findOwnReview = (reads: Reads, product: string, userId: string): Promise<Review | undefined> =>
  reads.findOne(reviews, { product, userId })

/** Puts one review in the place of another, or of none; answers true where the ratings of the product change with it. */
export const exchangeReview = async (
  tx: Tx,
  before: Review | undefined,
  after: Review | undefined,
): Promise<boolean> => {
  if (after) await tx.replace(reviews, after)
  else if (before) await tx.remove(reviews, { _id: before._id })
  const [was, is] = [countedOf(before), countedOf(after)]
  const change = { ratingSum: is.sum - was.sum, ratingCount: is.count - was.count }
  await tx.update(products, { _id: after?.product ?? before?.product ?? '' }, { $inc: change })
  return change.ratingSum !== 0 || change.ratingCount !== 0
}

export const listReviews = async (
  reads: Reads,
  filter: { product?: string; status?: ReviewStatus | undefined },
  at: { page: number; page_size: number },
): Promise<Page<Review>> => {
  const wanted = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
  const found = await reads.find(reviews, wanted, { sort: { _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(reviews, wanted), at)
}
