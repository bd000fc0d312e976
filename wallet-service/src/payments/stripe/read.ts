import type { Stripe } from 'stripe'
import type { PaymentStatus } from '../domain/payment.js'
import type {
  ProviderDispute,
  ProviderError,
  ProviderMovement,
  ProviderPayment,
  ProviderPayout,
  ProviderRefund,
} from '../provider.js'

/** Under this name our own ids travel with what we make at the provider. */
export const OUR_ID = 'countinghouse_id'

type Named = string | { id: string } | null | undefined
const idOf = (named: Named): string | null => (typeof named === 'string' ? named : (named?.id ?? null))
const currencyOf = ({ currency }: { currency: string }): string => currency.toUpperCase()
const timeOf = (seconds: number): Date => new Date(seconds * 1000)

export const readPayment = (intent: Stripe.PaymentIntent): ProviderPayment => ({
  id: intent.id,
  paymentId: intent.metadata[OUR_ID] ?? null,
  status: intent.status as PaymentStatus,
  amountMinor: BigInt(intent.amount),
  amountCapturableMinor: BigInt(intent.amount_capturable),
  amountReceivedMinor: BigInt(intent.amount_received),
  currency: currencyOf(intent),
  clientSecret: intent.client_secret,
  nextAction: intent.next_action && {
    type: intent.next_action.type,
    redirectUrl: intent.next_action.redirect_to_url?.url ?? null,
  },
  lastError: intent.last_payment_error && readError(intent.last_payment_error),
  chargeId: idOf(intent.latest_charge),
  cancellationReason: intent.cancellation_reason,
})

type RawError = {
  code?: string | undefined
  decline_code?: string | undefined
  message?: string | undefined
  charge?: string | undefined
}

export const readError = ({ code, decline_code, message, charge }: RawError): ProviderError => ({
  code: code ?? 'refused',
  declineCode: decline_code ?? null,
  message: message ?? 'The payment provider refused without a reason',
  chargeId: charge ?? null,
})

export const readRefund = (refund: Stripe.Refund): ProviderRefund => ({
  id: refund.id,
  refundId: refund.metadata?.[OUR_ID] ?? null,
  providerPaymentId: idOf(refund.payment_intent),
  status: (refund.status ?? 'pending') as ProviderRefund['status'],
  amountMinor: BigInt(refund.amount),
  currency: currencyOf(refund),
  reason: refund.reason,
  failureReason: refund.failure_reason ?? null,
})

// An inquiry has not taken anything yet; one that is closed takes nothing any more.
const DISPUTE_STATUS: Record<string, ProviderDispute['status']> = {
  needs_response: 'needs_response',
  warning_needs_response: 'needs_response',
  under_review: 'under_review',
  warning_under_review: 'under_review',
  appeal_needs_response: 'under_review',
  appeal_under_review: 'under_review',
  won: 'won',
  warning_closed: 'won',
  prevented: 'won',
  lost: 'lost',
}

export const readDispute = (dispute: Stripe.Dispute): ProviderDispute => {
  const dueBy = dispute.evidence_details.due_by
  return {
    id: dispute.id,
    providerPaymentId: idOf(dispute.payment_intent),
    status: DISPUTE_STATUS[dispute.status] ?? 'under_review',
    amountMinor: BigInt(dispute.amount),
    currency: currencyOf(dispute),
    reason: dispute.reason,
    respondBy: dueBy === null ? null : timeOf(dueBy),
    movements: dispute.balance_transactions.map(readMovement),
  }
}

export const readPayout = (payout: Stripe.Payout): ProviderPayout => ({
  id: payout.id,
  reference: payout.metadata?.[OUR_ID] ?? null,
  status: payout.status as ProviderPayout['status'],
  amountMinor: BigInt(payout.amount),
  currency: currencyOf(payout),
  failureCode: payout.failure_code,
  failureReason: payout.failure_message,
  arrivesAt: timeOf(payout.arrival_date),
})

export const readMovement = (transaction: Stripe.BalanceTransaction): ProviderMovement => ({
  id: transaction.id,
  type: transaction.type,
  sourceId: idOf(transaction.source),
  amountMinor: BigInt(transaction.amount),
  feeMinor: BigInt(transaction.fee),
  currency: currencyOf(transaction),
  at: timeOf(transaction.created),
})
