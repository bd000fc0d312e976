import {
  paymentActionRequired,
  paymentAuthorized,
  paymentCanceled,
  paymentFailed,
  paymentSucceeded,
} from '@countinghouse/shared/contracts/payment'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Payment } from './domain/payment.js'
import { isNewFailure } from './domain/seen.js'

/** What every event about a payment says of it. */
export const aboutPayment = ({ _id, purpose, ownerId, currency }: Payment) => ({
  payment_id: _id,
  purpose,
  user_id: ownerId,
  currency,
})

/** What a step tells the others; a success names the entry that goes with it. */
export const paymentEvents = (before: Payment, after: Payment, now: Date, entryId?: string): Envelope[] => {
  const failure = isNewFailure(before, after.lastError) ? [failed(after, now)] : []
  return before.status === after.status ? failure : [...failure, ...arrived(after, now, entryId)]
}

const failed = (payment: Payment, now: Date): Envelope =>
  newEvent(paymentFailed, payment._id, {
    ...aboutPayment(payment),
    amount_minor: payment.amountMinor,
    code: payment.lastError?.code ?? '',
    decline_code: payment.lastError?.declineCode ?? null,
    reason: payment.lastError?.message ?? '',
    failed_at: now.toISOString(),
  })

const arrived = (payment: Payment, now: Date, entryId: string | undefined): Envelope[] => {
  const about = aboutPayment(payment)
  const { _id, amountMinor: amount_minor } = payment
  const at = now.toISOString()
  switch (payment.status) {
    case 'requires_action':
      return [newEvent(paymentActionRequired, _id, { ...about, amount_minor, required_at: at })]
    case 'requires_capture':
      return [
        newEvent(paymentAuthorized, _id, {
          ...about,
          amount_minor: payment.amountCapturableMinor,
          authorized_at: at,
        }),
      ]
    case 'succeeded': {
      const { amountReceivedMinor, method } = payment
      const received = { amount_minor: amountReceivedMinor, method, entry_id: entryId ?? '', succeeded_at: at }
      return [newEvent(paymentSucceeded, _id, { ...about, ...received })]
    }
    case 'canceled': {
      const reason = payment.cancellationReason ?? 'canceled'
      return [newEvent(paymentCanceled, _id, { ...about, amount_minor, reason, canceled_at: at })]
    }
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'processing':
      return []
  }
}
