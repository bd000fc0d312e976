import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { boundTo } from '../ledger/walletAccess.js'
import type { Deps } from './commands/deps.js'
import { requestRefund } from './commands/request.js'
import { getRefund } from './commands/save.js'
import { listRefunds } from './store.js'
import { RefundBody, RefundView, refundExample, refundQuery, toRefundView } from './views.js'

const payers = ['customer', 'vendor', 'admin', 'service'] as const
const readers = [...payers, 'staff'] as const
const tag = 'Payments'

export const refundEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'post', path: '/refunds', summary: 'Give a payment back, or a part of it', tag, access: payers },
    status: 201,
    idempotent: true,
    body: RefundBody,
    view: RefundView,
    refusals: [
      ...['payment_not_found', 'payment_status_conflict', 'exceeds_received', 'refund_declined'],
      ...[
        'insufficient_funds',
        'wallet_frozen',
        'wallet_closed',
        'balance_limit',
        'dependency_unavailable',
        'ledger_busy',
      ],
    ],
    example: {
      body: { payment_intent: refundExample.payment_intent, amount: 20, reason: 'requested_by_customer' },
      view: refundExample,
    },
    handle: ({ body: { payment_intent: paymentId, amount, reason = null }, caller, claim, answering }) =>
      answering(async (answerWrites) => {
        const by = { actor: actorOf(caller), userId: boundTo(caller) }
        const asking = { asked: { paymentId, amount, reason }, by, claim }
        return toRefundView(await requestRefund(deps, asking, (refund) => answerWrites(toRefundView(refund))))
      }),
  }),
  endpoint({
    ...{ method: 'get', path: '/refunds', summary: 'List refunds, newest first', tag, access: readers },
    reads: { data: 'financial', of: 'refund' },
    query: refundQuery,
    view: RefundView,
    list: true,
    example: { view: [refundExample] },
    handle: async ({ query: { payment_intent: paymentId, ...paging }, caller }) =>
      (await listRefunds(readsOn(deps.db), { ownerId: boundTo(caller), paymentId }, paging)).map(toRefundView),
  }),
  endpoint({
    ...{ method: 'get', path: '/refunds/:id', summary: 'Read a refund', tag, access: readers },
    reads: { data: 'financial', of: 'refund' },
    params: z.object({ id: Id }),
    view: RefundView,
    refusals: ['refund_not_found'],
    example: { view: refundExample },
    handle: async ({ params: { id }, caller }) => {
      const [refund, userId] = [await getRefund(deps, id), boundTo(caller)]
      if (userId !== undefined && refund.ownerId !== userId) throw refuse('refund_not_found', { refund_id: id })
      return toRefundView(refund)
    },
  }),
]
