export const REVIEW_STATUSES = ['pending', 'approved', 'rejected', 'flagged'] as const
export type ReviewStatus = (typeof REVIEW_STATUSES)[number]

/** What somebody who bought a product says of it; each buyer once. */
export type Review = {
  _id: string
  product: string
  userId: string
  username: string
  rating: number
  comment: string | null
  /** Only approved ones are shown, and count. */
  status: ReviewStatus
  version: number
  createdAt: Date
  updatedAt: Date
}

export type ReviewText = Pick<Review, 'rating' | 'comment'>

type Author = Pick<Review, '_id' | 'product' | 'userId' | 'username'>

export const writeReview = (author: Author, text: ReviewText, isModerated: boolean, now: Date): Review => ({
  ...{ ...author, ...text, status: isModerated ? 'pending' : 'approved' },
  ...{ version: 1, createdAt: now, updatedAt: now },
})

type Changes = Partial<ReviewText & { status: ReviewStatus }>

/** What was rejected, and all where somebody looks first, waits again for approval when its author changes it. */
export const changeReview = (review: Review, changes: Changes, isModerated: boolean, now: Date): Review => {
  const waits = changes.status === undefined && (isModerated || review.status !== 'approved')
  const status = waits ? ('pending' as const) : review.status
  return { ...review, status, ...changes, version: review.version + 1, updatedAt: now }
}

/** What a review adds to the ratings of its product. */
export const countedOf = (review: Review | undefined): { sum: number; count: number } =>
  review?.status === 'approved' ? { sum: review.rating, count: 1 } : { sum: 0, count: 0 }
