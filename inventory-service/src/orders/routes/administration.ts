import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Day, pageQuery } from '@countinghouse/shared/http/fields'
import { Streamed } from '@countinghouse/shared/http/stream'
import { instantsOf } from '@countinghouse/shared/days'
import { PDF_TYPE } from '@countinghouse/shared/documents/pdf'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getVisibleOrder } from '../access.js'
import type { Deps as CommandDeps } from '../commands/deps.js'
import { decideReturn } from '../commands/returns.js'
import { setStatus } from '../commands/status.js'
import { ORDER_STATUSES } from '../domain/order.js'
import { orderExample } from '../examples.js'
import { toInvoice } from '../invoice.js'
import { listOrders } from '../store.js'
import { OrderView, toOrderView } from '../view.js'
import { returnParams } from './buying.js'

export type Deps = CommandDeps & { zone: string }

const tag = 'Orders'
const reader = ['customer', 'vendor', 'admin'] as const
const params = z.object({ number: z.string().max(40) })
const example = { view: orderExample }
const status = z.enum(ORDER_STATUSES)

export const readingEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/orders',
    reads: { data: 'personal', of: 'order' },
    summary: 'List your orders, as an admin those of all, newest first',
    ...{ tag, access: reader },
    query: z.object({ ...pageQuery, status: status.optional(), from: Day.optional(), to: Day.optional() }),
    view: OrderView,
    list: true,
    example: { view: [orderExample] },
    handle: async ({ query: { status: wanted, from, to, ...at }, user }) => {
      const userId = user.role === 'admin' ? undefined : user.userId
      const query = { userId, status: wanted, placed: instantsOf({ from, to }, deps.zone) }
      return (await listOrders(readsOn(deps.db), query, at)).map(toOrderView)
    },
  }),
  endpoint({
    method: 'get',
    path: '/orders/:number',
    reads: { data: 'personal', of: 'order' },
    summary: 'Read an order',
    ...{ tag, access: reader },
    params,
    view: OrderView,
    refusals: ['order_not_found'],
    example,
    handle: async ({ params: { number }, user }) => toOrderView(await getVisibleOrder(deps, number, user)),
  }),
  endpoint({
    method: 'get',
    path: '/orders/:number/invoice',
    reads: { data: 'personal', of: 'order' },
    summary: 'The invoice of an order',
    ...{ tag, access: reader },
    params,
    view: z.string(),
    streams: [PDF_TYPE],
    refusals: ['order_not_found'],
    handle: async ({ params: { number }, user }) => {
      const order = await getVisibleOrder(deps, number, user)
      const name = { 'content-disposition': `attachment; filename="${order._id}.pdf"` }
      return new Streamed(PDF_TYPE, toInvoice(order, deps.zone), name)
    },
  }),
]

export const administrationEndpoints = (deps: Deps) => [
  endpoint({
    method: 'patch',
    path: '/orders/:number/status',
    summary: 'Move an order on',
    ...{ tag, access: ['admin'] },
    params,
    body: z.strictObject({ status }),
    view: OrderView,
    refusals: ['order_not_found', 'order_step_refused', 'order_not_paid', 'stock_busy'],
    example: { body: { status: 'shipped' }, view: { ...orderExample, status: 'shipped' } },
    handle: async ({ params: { number }, body, caller }) =>
      toOrderView(await setStatus(deps, number, body.status, actorOf(caller))),
  }),
  endpoint({
    method: 'patch',
    path: '/orders/:number/returns/:returnId',
    summary: 'Say that returned goods are here, which pays them back, or that they are not taken',
    ...{ tag, access: ['admin'] },
    params: returnParams,
    body: z.strictObject({ status: z.enum(['received', 'rejected']) }),
    view: OrderView,
    refusals: ['order_not_found', 'return_not_found', 'return_decided', 'stock_busy'],
    example: { body: { status: 'received' }, view: orderExample },
    handle: async ({ params: { number, returnId }, body, caller }) =>
      toOrderView(
        await decideReturn(deps, { orderNumber: number, returnId, status: body.status, actor: actorOf(caller) }),
      ),
  }),
]
