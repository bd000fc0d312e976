import { PAYMENT_PURPOSES } from '@countinghouse/shared/contracts/payment'
import { Id, Timestamp, UnreadAmount, WireAmount, pageQuery, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import { CAPTURE_METHODS, PAYMENT_STATUSES, type Payment } from '../payments/domain/payment.js'

const Purpose = z.object({ kind: z.enum(PAYMENT_PURPOSES), id: Id })
const Currency = z
  .string()
  .trim()
  .regex(/^[A-Za-z]{3}$/)
  .toUpperCase()
const PaymentMethod = text(128).meta({
  description: 'A means of payment as the provider names it, or `wallet` for the payer’s own',
})
const ReturnUrl = z.url({ protocol: /^https?$/ }).max(2_000).meta({ description: 'Where the payer comes back to' }) // prettier-ignore

export const IntentBody = z.strictObject({
  amount: UnreadAmount,
  currency: Currency.optional(),
  purpose: Purpose.optional().meta({ description: 'A top-up of the payer’s own wallet, if it is not said' }),
  capture_method: z.enum(CAPTURE_METHODS).default('automatic'),
  payment_method: PaymentMethod.optional(),
  confirm: z.boolean().default(false),
  return_url: ReturnUrl.optional(),
  description: text(200).optional(),
  user_id: Id.optional().meta({ description: 'Who pays, when a service or an admin asks' }),
})

export const ConfirmBody = z.strictObject({
  payment_method: PaymentMethod.optional(),
  return_url: ReturnUrl.optional(),
})
export const CaptureBody = z.strictObject({
  amount: UnreadAmount.optional().meta({ description: 'All that is set aside, if it is not said' }),
})

const CANCELLATION_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'] as const
export const CancelBody = z.strictObject({ reason: z.enum(CANCELLATION_REASONS).default('requested_by_customer') })

export const intentQuery = z.object({
  ...pageQuery,
  status: z.enum(PAYMENT_STATUSES).optional(),
  purpose_kind: z.enum(PAYMENT_PURPOSES).optional(),
  purpose_id: Id.optional(),
})

const PaymentError = z.object({ code: z.string(), decline_code: z.string().nullable(), message: z.string() })

export const IntentView = z.object({
  id: Id,
  status: z.enum(PAYMENT_STATUSES),
  amount: WireAmount,
  currency: z.string(),
  amount_capturable: WireAmount,
  amount_received: WireAmount,
  amount_refunded: WireAmount,
  fee: WireAmount.nullable(),
  capture_method: z.enum(CAPTURE_METHODS),
  purpose: Purpose,
  user_id: Id.nullable(),
  payment_method: z.string().nullable(),
  description: z.string().nullable(),
  client_secret: z.string().nullable(),
  next_action: z.object({ type: z.string(), redirect_url: z.string().nullable() }).nullable(),
  last_payment_error: PaymentError.nullable(),
  cancellation_reason: z.string().nullable(),
  latest_charge: z.string().nullable(),
  hold_id: Id.nullable(),
  entry_id: Id.nullable(),
  repayment: z
    .object({ status: z.enum(['due', 'done', 'refused']), repayment_id: Id.nullable(), code: z.string().nullable() })
    .nullable(),
  history: z.array(
    z.object({ status: z.enum(PAYMENT_STATUSES), at: Timestamp, by: z.string(), note: z.string().nullable() }),
  ),
  created_at: Timestamp,
})

export const toIntentView = (payment: Payment): z.input<typeof IntentView> => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, payment.currency)
  const { nextAction, lastError, repayment } = payment
  return {
    ...{ id: payment._id, status: payment.status, amount: wire(payment.amountMinor), currency: payment.currency },
    amount_capturable: wire(payment.amountCapturableMinor),
    amount_received: wire(payment.amountReceivedMinor),
    amount_refunded: wire(payment.amountRefundedMinor),
    fee: payment.feeMinor === null ? null : wire(payment.feeMinor),
    ...{ capture_method: payment.captureMethod, purpose: payment.purpose, user_id: payment.ownerId },
    ...{ payment_method: payment.paymentMethod, description: payment.description },
    client_secret: payment.clientSecret,
    next_action: nextAction && { type: nextAction.type, redirect_url: nextAction.redirectUrl },
    last_payment_error: lastError && {
      ...{ code: lastError.code, decline_code: lastError.declineCode, message: lastError.message },
    },
    cancellation_reason: payment.cancellationReason,
    ...{ latest_charge: payment.chargeId, hold_id: payment.holdId, entry_id: payment.settled?.entryId ?? null },
    repayment: repayment && {
      ...{ status: repayment.status, repayment_id: repayment.repaymentId, code: repayment.code },
    },
    history: payment.history.map(({ status, at, by, note }) => ({ status, at: at.toISOString(), by, note })),
    created_at: payment.createdAt.toISOString(),
  }
}
