import { z } from 'zod'
import { defineEvent, MinorUnits } from '../messaging/event.js'

/** What a payment is for; the id is that of the wallet, the order, the sale or the loan. */
export const PAYMENT_PURPOSES = ['wallet_topup', 'order', 'sale_bill', 'loan_repayment'] as const
export type PaymentPurpose = (typeof PAYMENT_PURPOSES)[number]

const Purpose = z.object({ kind: z.enum(PAYMENT_PURPOSES), id: z.string() })

const ofPayment = {
  payment_id: z.string(),
  purpose: Purpose,
  /** Who pays; null for a payer who is no user of ours. */
  user_id: z.string().nullable(),
  currency: z.string(),
}

// The subject is the payment, so that all that happens to one arrives in order.
const paymentEvent = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  defineEvent(name, 1, 'wallet-service', z.object({ ...ofPayment, ...shape }))

/** The payer has to do something first: to prove to their bank who they are, for example. */
export const paymentActionRequired = paymentEvent('payment.action-required', {
  amount_minor: MinorUnits,
  required_at: z.iso.datetime(),
})

/** The amount is set aside for us, until it is captured or canceled. */
export const paymentAuthorized = paymentEvent('payment.authorized', {
  amount_minor: MinorUnits,
  authorized_at: z.iso.datetime(),
})

/**
 * The money is ours, and in the books: in the wallet for a top-up or a loan, in `clearing` for an order or a sale, from
 * where its owner books it on.
 */
export const paymentSucceeded = paymentEvent('payment.succeeded', {
  amount_minor: MinorUnits,
  method: z.enum(['card', 'wallet']),
  entry_id: z.string(),
  succeeded_at: z.iso.datetime(),
})

/** An attempt to pay was declined; the payment can be tried again with another means. */
export const paymentFailed = paymentEvent('payment.failed', {
  amount_minor: MinorUnits,
  code: z.string(),
  decline_code: z.string().nullable(),
  reason: z.string(),
  failed_at: z.iso.datetime(),
})

/** The payment will never happen; what was set aside for it is let go. */
export const paymentCanceled = paymentEvent('payment.canceled', {
  amount_minor: MinorUnits,
  reason: z.string(),
  canceled_at: z.iso.datetime(),
})

const ofRefund = { refund_id: z.string(), amount_minor: MinorUnits, reason: z.string().nullable() }

/** Money went back to the payer: out of `clearing` for an order or a sale, out of the wallet for a top-up or a loan. */
export const refundSucceeded = paymentEvent('refund.succeeded', {
  ...ofRefund,
  /** All that went back to the payer or is on its way there, this included. */
  refunded_minor: MinorUnits,
  entry_id: z.string(),
  refunded_at: z.iso.datetime(),
})

/** Money did not go back to the payer, and is again where it was before. */
export const refundFailed = paymentEvent('refund.failed', {
  ...ofRefund,
  failure_reason: z.string(),
  failed_at: z.iso.datetime(),
})

const ofDispute = { dispute_id: z.string(), amount_minor: MinorUnits, reason: z.string() }

/** The payer's bank wants the money back; until it is decided, the provider keeps it. */
export const disputeOpened = paymentEvent('dispute.opened', { ...ofDispute, opened_at: z.iso.datetime() })

/** The bank has decided: `won` brings the money back, `lost` leaves it with the payer. */
export const disputeClosed = paymentEvent('dispute.closed', {
  ...ofDispute,
  outcome: z.enum(['won', 'lost']),
  closed_at: z.iso.datetime(),
})
