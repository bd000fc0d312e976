import { endpoint, type AnswerWrites } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp, WireAmount, pageQuery, text } from '@countinghouse/shared/http/fields'
import type { Claim } from '@countinghouse/shared/idempotency'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { z } from 'zod'
import { DISPUTE_STATUSES } from '../payments/provider.js'
import { accept, answer, getDispute, type Asking, type Deps } from './commands.js'
import type { Dispute } from './domain.js'
import { listDisputes } from './store.js'

const DisputeView = z.object({
  id: Id,
  payment_intent: Id,
  status: z.enum(DISPUTE_STATUSES),
  amount: WireAmount,
  held: WireAmount,
  currency: z.string(),
  reason: z.string(),
  respond_by: Timestamp.nullable(),
  history: z.array(z.object({ status: z.enum(DISPUTE_STATUSES), at: Timestamp })),
  created_at: Timestamp,
})

const example = {
  id: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c65',
  payment_intent: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c61',
  status: 'needs_response',
  amount: 50,
  held: 50,
  currency: 'USD',
  reason: 'fraudulent',
  respond_by: '2026-11-28T23:59:59.000Z',
  history: [{ status: 'needs_response', at: '2026-11-21T10:00:00.000Z' }],
  created_at: '2026-11-21T10:00:00.000Z',
}

const params = z.object({ id: Id })
const tag = 'Payments'
const query = z.object({ ...pageQuery, status: z.enum(DISPUTE_STATUSES).optional(), payment_intent: Id.optional() })

export const disputeEndpoints = (deps: Deps) => [...readEndpoints(deps), ...stepEndpoints(deps)]

const readEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/payments/disputes', summary: 'List disputed payments, newest first', tag },
    reads: { data: 'financial', of: 'dispute' },
    access: ['admin', 'staff'],
    query,
    view: DisputeView,
    list: true,
    example: { view: [example] },
    handle: async ({ query: { status, payment_intent: paymentId, ...paging } }) =>
      (await listDisputes(readsOn(deps.db), { status, paymentId }, paging)).map(toView),
  }),
  endpoint({
    ...{ method: 'get', path: '/payments/disputes/:id', summary: 'Read a dispute', tag, access: ['admin', 'staff'] },
    reads: { data: 'financial', of: 'dispute' },
    params,
    view: DisputeView,
    refusals: ['dispute_not_found'],
    example: { view: example },
    handle: async ({ params: { id } }) => toView(await getDispute(deps, id)),
  }),
]

const step = { method: 'post', tag, access: ['admin'], idempotent: true, params, view: DisputeView } as const
const refusals = ['dispute_not_found', 'dispute_status_conflict', 'dependency_unavailable']

const stepEndpoints = (deps: Deps) => [
  endpoint({
    ...{ ...step, path: '/payments/disputes/:id/answer', summary: 'Tell the payer’s bank why the payment was right' },
    body: z.strictObject({ evidence: text(20_000) }),
    refusals,
    example: { body: { evidence: 'Collected in person on 12 November' }, view: { ...example, status: 'under_review' } },
    handle: ({ params: { id }, body: { evidence }, claim, answering }) =>
      answering(async (answerWrites) => toView(await answer(deps, id, evidence, toAsking(claim, answerWrites)))),
  }),
  endpoint({
    ...{ ...step, path: '/payments/disputes/:id/accept', summary: 'Give in to a dispute: the payer keeps the money' },
    refusals,
    example: { view: { ...example, status: 'lost' } },
    handle: ({ params: { id }, claim, answering }) =>
      answering(async (answerWrites) => toView(await accept(deps, id, toAsking(claim, answerWrites)))),
  }),
]

// One question for each key of a request.
const toAsking = (claim: Claim | undefined, answerWrites: AnswerWrites<typeof DisputeView>): Asking => ({
  key: `dispute:${claim?.id ?? uuidv7()}`,
  companions: (dispute) => answerWrites(toView(dispute)),
})

const toView = (dispute: Dispute): z.input<typeof DisputeView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, dispute.currency)
  return {
    ...{ id: dispute._id, payment_intent: dispute.paymentId, status: dispute.status, currency: dispute.currency },
    ...{ amount: wire(dispute.amountMinor), held: wire(dispute.heldMinor), reason: dispute.reason },
    respond_by: dispute.respondBy?.toISOString() ?? null,
    history: dispute.history.map(({ status, at }) => ({ status, at: at.toISOString() })),
    created_at: dispute.createdAt.toISOString(),
  }
}
