import { Id, Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { APPROVAL_STATUSES, statusOf, type Approval } from './domain.js'

const given = (approval: Approval) => ({
  given: approval.decisions.filter(({ verdict }) => verdict === 'approve').length,
  needed: approval.needed,
})

const Counts = z.object({ given: z.number(), needed: z.number() })

/** What a route answers with 202 about a document that waits for its approval. */
export const WaitingView = z.object({
  approval_id: Id,
  kind: z.string(),
  status: z.literal('pending_approval'),
  amount: WireAmount,
  approvals: Counts,
  expires_at: Timestamp,
})

export const toWaitingView = (approval: Approval): z.input<typeof WaitingView> => ({
  approval_id: approval._id,
  kind: approval.kind,
  status: 'pending_approval',
  amount: toWireAmount(approval.amountMinor, approval.currency),
  approvals: given(approval),
  expires_at: approval.expiresAt.toISOString(),
})

/** For `isOpen` of a route whose document may have to wait. */
export const isWaiting = (view: object): boolean => 'approval_id' in view

export const ApprovalView = z.object({
  id: Id,
  kind: z.string(),
  status: z.enum(APPROVAL_STATUSES),
  amount: WireAmount,
  currency: z.string(),
  party: z.object({ id: z.string(), name: z.string() }).nullable(),
  document: z.record(z.string(), z.unknown()).meta({ description: 'What takes effect once it is approved' }),
  makers: z.array(Id),
  approvals: Counts,
  decisions: z.array(
    z.object({ by: Id, verdict: z.enum(['approve', 'reject']), reason: z.string().nullable(), at: Timestamp }),
  ),
  replaces: Id.nullable(),
  result: z.string().nullable().meta({ description: 'What it made: the number of a bill, for example' }),
  opened_at: Timestamp,
  expires_at: Timestamp,
  closed_at: Timestamp.nullable(),
  version: z.number(),
})

export type Show = (approval: Approval) => object

export const toApprovalView = (approval: Approval, show: Show, now: Date): z.input<typeof ApprovalView> => ({
  id: approval._id,
  kind: approval.kind,
  status: statusOf(approval, now),
  amount: toWireAmount(approval.amountMinor, approval.currency),
  currency: approval.currency,
  party: approval.party,
  document: show(approval) as Record<string, unknown>,
  makers: approval.makers,
  approvals: given(approval),
  decisions: approval.decisions.map(({ at, ...decision }) => ({ ...decision, at: at.toISOString() })),
  replaces: approval.replaces,
  result: approval.result,
  opened_at: approval.openedAt.toISOString(),
  expires_at: approval.expiresAt.toISOString(),
  closed_at: approval.closedAt?.toISOString() ?? null,
  version: approval.version,
})

export const approvalExample = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0fa011',
  kind: 'sale',
  status: 'pending',
  amount: 12000,
  currency: 'USD',
  party: { id: 'CUST-001', name: 'ABC Grocery' },
  document: { line_items: [{ item_id: 'bottle-500ml-a', quantity: 3000, unit_price: 4 }] },
  makers: ['USER-RAJ'],
  approvals: { given: 0, needed: 2 },
  decisions: [],
  replaces: null,
  result: null,
  opened_at: '2026-11-21T09:30:00.000Z',
  expires_at: '2026-11-28T09:30:00.000Z',
  closed_at: null,
  version: 1,
}
