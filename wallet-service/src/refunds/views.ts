import { Id, Timestamp, UnreadAmount, WireAmount, pageQuery, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { REFUND_STATUSES } from '../payments/provider.js'
import type { Refund } from './domain.js'

export const RefundBody = z.strictObject({
  payment_intent: Id,
  amount: UnreadAmount.optional().meta({ description: 'All that is left of the payment, if it is not said' }),
  reason: text(200).optional(),
})

export const refundQuery = z.object({ ...pageQuery, payment_intent: Id.optional() })

export const RefundView = z.object({
  id: Id,
  payment_intent: Id,
  status: z.enum(REFUND_STATUSES),
  amount: WireAmount,
  currency: z.string(),
  reason: z.string().nullable(),
  failure_reason: z.string().nullable(),
  entry_id: Id.nullable(),
  history: z.array(z.object({ status: z.enum(REFUND_STATUSES), at: Timestamp })),
  created_by: z.string(),
  created_at: Timestamp,
})

export const refundExample = {
  id: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c63',
  payment_intent: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c61',
  status: 'succeeded',
  amount: 20,
  currency: 'USD',
  reason: 'requested_by_customer',
  failure_reason: null,
  entry_id: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c64',
  history: [
    { status: 'pending', at: '2026-11-21T09:40:00.000Z' },
    { status: 'succeeded', at: '2026-11-21T09:40:01.000Z' },
  ],
  created_by: 'user:019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2',
  created_at: '2026-11-21T09:40:00.000Z',
}

export const toRefundView = (refund: Refund): z.input<typeof RefundView> => ({
  ...{ id: refund._id, payment_intent: refund.paymentId, status: refund.status, currency: refund.currency },
  amount: toWireAmount(refund.amountMinor, refund.currency),
  ...{ reason: refund.reason, failure_reason: refund.failureReason, entry_id: refund.entryId },
  history: refund.history.map(({ status, at }) => ({ status, at: at.toISOString() })),
  ...{ created_by: refund.createdBy, created_at: refund.createdAt.toISOString() },
})
