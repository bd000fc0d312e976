import type { UserCaller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery, text } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { InWarehouse, QUANTITY_MAX, StockItemId } from '../stock/fields.js'
import { WaitsForApproval } from '../approvals/gate.js'
import { WaitingView, isWaiting, toWaitingView } from '../approvals/view.js'
import { postCount } from './commands/post.js'
import { cancelCount, enterCounts, getCount, openCount, reviewCount, type Deps, type Person } from './commands/steps.js'
import { COUNT_STATUSES } from './domain.js'
import { listCounts } from './store.js'
import { CountView, countExample, toCountView } from './view.js'

const LINES_MAX = 1_000

const CountBody = z.strictObject({
  warehouse_id: InWarehouse,
  item_ids: z
    .array(StockItemId)
    .min(1)
    .max(LINES_MAX)
    .optional()
    .meta({ description: 'All that is kept there, if not given' }),
  note: text(2000).nullable().default(null),
})
const counted = z.strictObject({ item_id: StockItemId, quantity: z.number().int().min(0).max(QUANTITY_MAX) })
const EntryBody = z.strictObject({ line_items: z.array(counted).min(1).max(LINES_MAX) })
const ReviewBody = z.strictObject({ verdict: z.enum(['approve', 'recount']) })

const tag = 'Stock counts'
const path = '/stock-counts'
const reader = ['staff', 'admin', 'viewer'] as const
const writer = ['staff', 'admin'] as const
const params = z.object({ id: Id })
const view = CountView
const example = { view: countExample }
const stepRefusals = ['stock_count_not_found', 'stock_count_state', 'stock_count_same_person']

const personOf = ({ userId, role }: UserCaller): Person => ({ userId, isAdmin: role === 'admin' })

export const countEndpoints = (deps: Deps) => [...openingEndpoints(deps), ...stepEndpoints(deps)]

const openingEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path, summary: 'List stock counts, the newest first', tag, access: reader },
    query: z.object({ ...pageQuery, status: z.enum(COUNT_STATUSES).optional() }),
    ...{ view, list: true, example: { view: [countExample] } },
    handle: async ({ query }) => (await listCounts(readsOn(deps.db), query)).map(toCountView),
  }),
  endpoint({
    ...{ method: 'post', path, summary: 'Ask for a physical count', tag, access: writer, status: 201 },
    ...{ idempotent: true, body: CountBody, view },
    refusals: ['warehouse_not_found', 'item_not_found', 'stock_count_empty'],
    example: { body: { warehouse_id: 'main', item_ids: ['bottle-500ml-a'], note: 'November' }, ...example },
    handle: ({ body: { warehouse_id: warehouseId, item_ids: itemIds, note }, user, once }) =>
      once(async (tx) => toCountView(await openCount(tx, deps, { warehouseId, itemIds, note }, user.userId))),
  }),
  endpoint({
    ...{ method: 'get', path: `${path}/:id`, summary: 'Read a stock count', tag, access: reader, params },
    ...{ view, refusals: ['stock_count_not_found'], example },
    handle: async ({ params: { id } }) => toCountView(await getCount(readsOn(deps.db), id)),
  }),
]

const stepEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'post', path: `${path}/:id/counts`, summary: 'Note what was counted', tag, access: writer },
    ...{ idempotent: true, params, body: EntryBody, view, refusals: [...stepRefusals, 'not_to_be_counted'] },
    example: { body: { line_items: [{ item_id: 'bottle-500ml-a', quantity: 498 }] }, ...example },
    handle: ({ params: { id }, body: { line_items }, user, answering }) =>
      answering(async (answer) => {
        const entries = line_items.map(({ item_id: itemId, quantity }) => ({ itemId, quantity }))
        return toCountView(await enterCounts(deps, id, entries, personOf(user), (count) => answer(toCountView(count))))
      }),
  }),
  endpoint({
    ...{ method: 'post', path: `${path}/:id/review`, summary: 'Approve a count, or have it counted again', tag },
    ...{ access: writer, idempotent: true, params, body: ReviewBody, view, refusals: stepRefusals },
    example: { body: { verdict: 'approve' }, ...example },
    handle: ({ params: { id }, body: { verdict }, user, answering }) =>
      answering(async (answer) =>
        toCountView(await reviewCount(deps, id, verdict, personOf(user), (count) => answer(toCountView(count)))),
      ),
  }),
  endpoint({
    ...{ method: 'post', path: `${path}/:id/post`, summary: 'Bring the books to what was counted', tag },
    ...{ access: writer, idempotent: true, params, view: z.union([CountView, WaitingView]), isOpen: isWaiting },
    ...{ refusals: [...stepRefusals, 'insufficient_stock', 'approval_pending', 'stock_busy'], example },
    handle: ({ params: { id }, user, answering }) =>
      answering(async (answer) => {
        const posted = await postCount(deps, id, personOf(user), {
          posted: (count) => answer(toCountView(count)),
          waiting: (approval) => answer(toWaitingView(approval)),
        })
        return posted instanceof WaitsForApproval ? toWaitingView(posted.approval) : toCountView(posted)
      }),
  }),
  endpoint({
    ...{ method: 'post', path: `${path}/:id/cancel`, summary: 'Give a count up', tag, access: writer },
    ...{ idempotent: true, params, view, refusals: ['stock_count_not_found', 'stock_count_state'], example },
    handle: ({ params: { id }, user, answering }) =>
      answering(async (answer) =>
        toCountView(await cancelCount(deps, id, personOf(user), (count) => answer(toCountView(count)))),
      ),
  }),
]
