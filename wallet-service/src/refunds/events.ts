import { refundFailed, refundSucceeded } from '@countinghouse/shared/contracts/payment'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Payment } from '../payments/domain/payment.js'
import { aboutPayment } from '../payments/events.js'
import { isFailed, type Refund } from './domain.js'

type Step = { before: Refund | undefined; after: Refund; payment: Payment; now: Date }

/** What a step with a refund tells the others; the payment is as the step leaves it. */
export const refundEvents = ({ before, after, payment, now }: Step): Envelope[] => {
  if (before?.status === after.status) return []
  const { _id: refund_id, amountMinor: amount_minor, reason } = after
  const about = { ...aboutPayment(payment), refund_id, amount_minor, reason }
  if (after.status === 'succeeded') {
    const done = {
      refunded_minor: payment.amountRefundedMinor,
      entry_id: after.entryId ?? '',
      refunded_at: now.toISOString(),
    }
    return [newEvent(refundSucceeded, payment._id, { ...about, ...done })]
  }
  if (!isFailed(after)) return []
  const failed = { failure_reason: after.failureReason ?? after.status, failed_at: now.toISOString() }
  return [newEvent(refundFailed, payment._id, { ...about, ...failed })]
}
