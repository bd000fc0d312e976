import { disputeClosed, disputeOpened } from '@countinghouse/shared/contracts/payment'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Payment } from '../payments/domain/payment.js'
import { aboutPayment } from '../payments/events.js'
import type { Dispute } from './domain.js'

export const disputeEvents = (before: Dispute, after: Dispute, payment: Payment, now: Date): Envelope[] => {
  const { _id: dispute_id, amountMinor: amount_minor, reason, status } = after
  const about = { ...aboutPayment(payment), dispute_id, amount_minor, reason }
  const at = now.toISOString()
  const opened = newEvent(disputeOpened, payment._id, { ...about, opened_at: at })
  const events = before.version === 0 ? [opened] : []
  if (before.status === status || (status !== 'won' && status !== 'lost')) return events
  return [...events, newEvent(disputeClosed, payment._id, { ...about, outcome: status, closed_at: at })]
}
