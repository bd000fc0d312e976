import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text, Timestamp } from '@countinghouse/shared/http/fields'
import { fromWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getProduct } from '../products/commands/change.js'
import { addReview, deleteReview, editReview, type Deps } from './commands.js'
import { REVIEW_STATUSES, type Review } from './domain.js'
import { listReviews } from './store.js'

const tag = 'Reviews'
const access = ['customer', 'vendor', 'admin'] as const
const params = z.object({ id: Id })
const Rating = z.number().int().min(1).max(5)
const comment = text(2000).nullable()
const status = z.enum(REVIEW_STATUSES)

const ReviewView = z.object({
  ...{ id: Id, product: z.string(), user_id: Id, username: z.string() },
  ...{ rating: Rating, comment, status, verified_purchase: z.boolean() },
  ...{ version: z.number(), created_at: Timestamp, updated_at: Timestamp },
})

const example = {
  ...{
    id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a61',
    product: 'blue-mug',
    user_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  },
  ...{ username: 'customer', rating: 5, comment: 'Keeps the tea warm', status: 'approved', verified_purchase: true },
  ...{ version: 1, created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z' },
}

export const reviewEndpoints = (deps: Deps) => [...readingEndpoints(deps), ...writingEndpoints(deps)]

const readingEndpoints = ({ db }: Deps) => [
  endpoint({
    method: 'get',
    path: '/products/:slug/reviews',
    summary: 'List what buyers say of a product, newest first',
    tag,
    access: 'public',
    conditional: true,
    params: z.object({ slug: z.string().max(100) }),
    query: z.object(pageQuery),
    view: ReviewView,
    list: true,
    refusals: ['product_not_found'],
    example: { view: [example] },
    handle: async ({ params: { slug }, query }) => {
      const { _id: product } = await getProduct(readsOn(db), slug)
      return (await listReviews(readsOn(db), { product, status: 'approved' }, query)).map(toView)
    },
  }),
  endpoint({
    method: 'get',
    path: '/reviews',
    summary: 'List reviews of all products, such as those that wait for approval',
    tag,
    access: ['admin'],
    query: z.object({ ...pageQuery, status: status.optional() }),
    view: ReviewView,
    list: true,
    example: { view: [example] },
    handle: async ({ query: { status: wanted, ...at } }) =>
      (await listReviews(readsOn(db), { status: wanted }, at)).map(toView),
  }),
]

const writingEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: '/products/:slug/reviews',
    summary: 'Review a product that you bought',
    ...{ tag, access, status: 201, idempotent: true },
    params: z.object({ slug: z.string().max(100) }),
    body: z.strictObject({ rating: Rating, comment: comment.default(null) }),
    view: ReviewView,
    refusals: ['product_not_found', 'review_exists', 'not_bought'],
    example: { body: { rating: 5, comment: 'Keeps the tea warm' }, view: example },
    handle: ({ params: { slug }, body, user, once }) =>
      once(async (tx) => toView(await addReview(tx, deps, { ...body, product: slug }, user))),
  }),
  endpoint({
    method: 'patch',
    path: '/reviews/:id',
    summary: 'Change your review, or as an admin say whether it is shown',
    ...{ tag, access },
    params,
    body: z.strictObject({ rating: Rating, comment, status }).partial(),
    view: ReviewView,
    refusals: ['review_not_found', 'version_conflict'],
    example: { body: { rating: 4 }, view: { ...example, rating: 4, version: 2 } },
    handle: ({ params: { id }, body, user, ifMatch, once }) =>
      once(async (tx) => toView(await editReview(tx, deps, { id, changes: fromWire(body), ifMatch }, user))),
  }),
  endpoint({
    method: 'delete',
    path: '/reviews/:id',
    summary: 'Delete a review',
    ...{ tag, access, status: 204 },
    params,
    view: z.void(),
    refusals: ['review_not_found'],
    handle: ({ params: { id }, user, once }) => once((tx) => deleteReview(tx, deps, id, user)),
  }),
]

const toView = ({ _id, userId, createdAt, updatedAt, ...review }: Review) => ({
  ...{ id: _id, user_id: userId, verified_purchase: true, ...review },
  ...{ created_at: createdAt.toISOString(), updated_at: updatedAt.toISOString() },
})
