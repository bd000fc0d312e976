import type { PaymentStatus } from './domain/payment.js'

/** A payment as the provider has it. */
export type ProviderPayment = {
  id: string
  /** Our own id of it; null for one that we did not make. */
  paymentId: string | null
  status: PaymentStatus
  amountMinor: bigint
  amountCapturableMinor: bigint
  amountReceivedMinor: bigint
  currency: string
  clientSecret: string | null
  nextAction: { type: string; redirectUrl: string | null } | null
  lastError: ProviderError | null
  chargeId: string | null
  cancellationReason: string | null
}

export type ProviderError = {
  code: string
  declineCode: string | null
  message: string
  /** The charge that was tried and failed; null for what was refused before anything was tried. */
  chargeId: string | null
}

export type PaymentOrder = {
  paymentId: string
  amountMinor: bigint
  currency: string
  captureMethod: 'automatic' | 'manual'
  paymentMethod: string | null
  description: string | null
}

export type Confirmation = { paymentMethod: string; returnUrl: string | null }

export const REFUND_STATUSES = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const

/** Money on its way back to a payer. */
export type ProviderRefund = {
  id: string
  /** Our own id of it; null for one that was made at the provider. */
  refundId: string | null
  providerPaymentId: string | null
  status: (typeof REFUND_STATUSES)[number]
  amountMinor: bigint
  currency: string
  reason: string | null
  failureReason: string | null
}

export type RefundOrder = { refundId: string; providerPaymentId: string; amountMinor: bigint; reason: string | null }

export const DISPUTE_STATUSES = ['needs_response', 'under_review', 'won', 'lost'] as const

/** A payment that the payer’s bank wants back. */
export type ProviderDispute = {
  id: string
  providerPaymentId: string | null
  status: (typeof DISPUTE_STATUSES)[number]
  amountMinor: bigint
  currency: string
  reason: string
  respondBy: Date | null
  /** What it has moved so far. */
  movements: readonly ProviderMovement[]
}

/** Money on its way from the provider to a bank account. */
export type ProviderPayout = {
  id: string
  /** Our own id of what it pays; null for one that was made at the provider. */
  reference: string | null
  status: 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled'
  amountMinor: bigint
  currency: string
  failureCode: string | null
  failureReason: string | null
  arrivesAt: Date
}

export type PayoutOrder = {
  reference: string
  amountMinor: bigint
  currency: string
  /** The bank account, as the provider names it. */
  destination: string
  description: string | null
}

/** Something that changed the balance at the provider: above zero came in, below zero went out. */
export type ProviderMovement = {
  id: string
  /** `charge`, `refund`, `adjustment`, `payout` … as the provider calls it. */
  type: string
  /** The charge, refund, dispute or payout behind it. */
  sourceId: string | null
  amountMinor: bigint
  feeMinor: bigint
  currency: string
  at: Date
}

/**
 * The payment provider. What it does is done once for each key, however often it is asked. Throws a `ProviderRefused`
 * for what will never be done, and refuses as `dependency_unavailable` when it is not known whether it was done.
 */
export interface PaymentProvider {
  createPayment(order: PaymentOrder, key: string): Promise<ProviderPayment>
  confirmPayment(id: string, confirmation: Confirmation, key: string): Promise<ProviderPayment>
  capturePayment(id: string, amountMinor: bigint | undefined, key: string): Promise<ProviderPayment>
  cancelPayment(id: string, reason: string | null, key: string): Promise<ProviderPayment>
  getPayment(id: string): Promise<ProviderPayment>

  createRefund(order: RefundOrder, key: string): Promise<ProviderRefund>
  getRefund(id: string): Promise<ProviderRefund>
  /** The refund that was asked for under our own id, however long ago; undefined when there is none. */
  findRefund(order: Pick<RefundOrder, 'refundId' | 'providerPaymentId'>): Promise<ProviderRefund | undefined>

  getDispute(id: string): Promise<ProviderDispute>
  answerDispute(id: string, evidence: string, key: string): Promise<ProviderDispute>
  acceptDispute(id: string, key: string): Promise<ProviderDispute>

  createPayout(order: PayoutOrder, key: string): Promise<ProviderPayout>
  getPayout(id: string): Promise<ProviderPayout>
  /** All payouts that were asked for in a time. */
  payoutsBetween(from: Date, until: Date): AsyncIterable<ProviderPayout>

  /** What changed the balance because of this charge, refund, dispute or payout. */
  movementsOf(sourceId: string): Promise<ProviderMovement[]>
  /** All that changed the balance in a time. */
  movementsBetween(from: Date, until: Date): AsyncIterable<ProviderMovement>
}

/** The provider’s final no; a payment that it declined comes along as it is now. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused'
  constructor(
    readonly error: ProviderError,
    readonly payment?: ProviderPayment,
  ) {
    super(error.message)
  }
}

/** An entry about money at the provider is known by what the provider calls it, so that both sides can be compared. */
export const providerEntryKey = (sourceId: string, step: string): string => `provider:${sourceId}:${step}`
