import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { changeCatalogue, generationOf } from '../categories/store.js'
import { refuse } from '../errors.js'
import { hasBought } from '../orders/store.js'
import { getProduct } from '../products/commands/change.js'
import { findProduct } from '../products/store.js'
import { changeReview, writeReview, type Review, type ReviewStatus, type ReviewText } from './domain.js'
import { toProductRated } from './events.js'
import { exchangeReview, findOwnReview, findReview } from './store.js'

export type Deps = { db: Connection; now: () => Date; reviewsModerated: boolean }
export type Reviewer = { userId: string; username: string; role: string }

// All go over the row of the catalogue, so that neither a second review nor a wrong sum gets in between.
export const addReview = async (
  tx: Tx,
  { now, reviewsModerated }: Deps,
  { product, ...text }: ReviewText & { product: string },
  { userId, username }: Reviewer,
): Promise<Review> => {
  await changeCatalogue(tx)
  await getProduct(tx, product)
  const earlier = await findOwnReview(tx, product, userId)
  if (earlier) throw refuse('review_exists', { review_id: earlier._id })
  if (!(await hasBought(tx, userId, product))) throw refuse('not_bought', { slug: product })
  const review = writeReview({ _id: uuidv7(), product, userId, username }, text, reviewsModerated, now())
  await putReview(tx, { before: undefined, after: review }, now())
  return review
}

export type AskedReviewChange = {
  id: string
  changes: Partial<ReviewText & { status: ReviewStatus }>
  ifMatch: number | undefined
}

/** Authors change what they wrote; whether it is shown is an admin's to say. */
export const editReview = async (
  tx: Tx,
  { now, reviewsModerated }: Deps,
  { id, changes, ifMatch }: AskedReviewChange,
  by: Reviewer,
): Promise<Review> => {
  await changeCatalogue(tx)
  const review = await getOwnReview(tx, id, by)
  if (changes.status !== undefined && by.role !== 'admin') throw refuseCommon('forbidden')
  if (ifMatch !== undefined && ifMatch !== review.version) throw refuseCommon('version_conflict')
  const changed = changeReview(review, changes, reviewsModerated, now())
  await putReview(tx, { before: review, after: changed }, now())
  return changed
}

export const deleteReview = async (tx: Tx, { now }: Deps, id: string, by: Reviewer): Promise<void> => {
  await changeCatalogue(tx)
  await putReview(tx, { before: await getOwnReview(tx, id, by), after: undefined }, now())
}

type Exchange = { before: Review | undefined; after: Review | undefined }

const putReview = async (tx: Tx, { before, after }: Exchange, now: Date): Promise<void> => {
  if (!(await exchangeReview(tx, before, after))) return
  const product = await findProduct(tx, after?.product ?? before?.product ?? '')
  if (product) await addToOutbox(tx, toProductRated(product, await generationOf(tx), now))
}

const getOwnReview = async (reads: Reads, id: string, { userId, role }: Reviewer): Promise<Review> => {
  const review = await findReview(reads, id)
  if (!review) throw refuse('review_not_found', { review_id: id })
  if (role !== 'admin' && review.userId !== userId) throw refuseCommon('forbidden')
  return review
}
