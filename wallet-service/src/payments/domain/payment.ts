import type { PaymentPurpose } from '@countinghouse/shared/contracts/payment'
import { toWireAmount } from '@countinghouse/shared/money'
import { refuse } from '../../errors.js'
import type { ProviderError } from '../provider.js'

/** A payment's life, in the words of the provider. */
export const PAYMENT_STATUSES = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

/** Money is charged to a card through the provider, or taken out of the payer's own wallet. */
export const PAYMENT_METHODS = ['card', 'wallet'] as const
export const CAPTURE_METHODS = ['automatic', 'manual'] as const

export type Purpose = { kind: PaymentPurpose; id: string }

/** What the provider is asked to do. */
export type Ask =
  | { kind: 'create'; then?: Ask }
  | { kind: 'confirm'; paymentMethod: string; returnUrl: string | null }
  | { kind: 'capture'; amountMinor: bigint }
  | { kind: 'cancel'; reason: string | null }

/** Recorded before it is asked, and asked under the same key until there is an answer, by and for whichever requests. */
export type Asked = { ask: Ask; key: string; by: string; at: Date; claimIds: readonly string[] }

/** What the provider answered with a no, and the requests that this no is for. */
export type Declined = { claimIds: readonly string[]; error: ProviderError }

export type HistoryItem = { status: PaymentStatus; at: Date; by: string; note: string | null }

/** Where the money went, and the entry that put it there. */
export type Settlement = { entryId: string; accountId: string }

/** The repayment that the money of a payment is for. */
export type Repayment = { status: 'due' | 'done' | 'refused'; repaymentId: string | null; code: string | null }

export type Payment = {
  _id: string
  /** Who pays; null for a payer who is no user. */
  ownerId: string | null
  purpose: Purpose
  amountMinor: bigint
  currency: string
  captureMethod: (typeof CAPTURE_METHODS)[number]
  method: (typeof PAYMENT_METHODS)[number]
  /** The payer's means as the provider names it. */
  paymentMethod: string | null
  description: string | null
  /** The wallet that is topped up or, with the method `wallet`, pays. */
  walletId: string | null
  status: PaymentStatus
  amountCapturableMinor: bigint
  amountReceivedMinor: bigint
  /** What went back to the payer or is on its way there. */
  amountRefundedMinor: bigint
  nextAction: { type: string; redirectUrl: string | null } | null
  lastError: ProviderError | null
  cancellationReason: string | null
  providerId: string | null
  clientSecret: string | null
  chargeId: string | null
  holdId: string | null
  settled: Settlement | null
  /** What the provider kept for it; null until that is in the books. */
  feeMinor: bigint | null
  repayment: Repayment | null
  asked: Asked | null
  asks: number
  /** As of when the provider's word is known. */
  seenAt: Date
  /** When to look for news, should none come by itself; null when none is expected. */
  lookAt: Date | null
  looks: number
  history: HistoryItem[]
  createdBy: string
  /** The request that began it; a repeat goes on with it. */
  claim: { id: string; fingerprint: string } | null
  /** The requests that asked for further steps. */
  stepClaims: string[]
  declined: Declined[] | null
  createdAt: Date
  version: number
}

export type PaymentRequest = Pick<
  Payment,
  | 'ownerId'
  | 'purpose'
  | 'amountMinor'
  | 'currency'
  | 'captureMethod'
  | 'method'
  | 'paymentMethod'
  | 'description'
  | 'walletId'
  | 'claim'
> & { paymentId: string; by: string; confirm: { paymentMethod: string; returnUrl: string | null } | undefined }

export const newPayment = ({ paymentId, by, confirm, ...request }: PaymentRequest, now: Date): Payment => {
  const payment: Payment = {
    _id: paymentId,
    ...request,
    ...{ status: 'requires_payment_method', history: [], createdBy: by, createdAt: now, version: 1 },
    ...{ amountCapturableMinor: 0n, amountReceivedMinor: 0n, amountRefundedMinor: 0n },
    ...{ nextAction: null, lastError: null, cancellationReason: null },
    ...{ providerId: null, clientSecret: null, chargeId: null, holdId: null, settled: null, feeMinor: null },
    ...{ repayment: null, asked: null, asks: 0, stepClaims: [], declined: null },
    ...{ seenAt: new Date(0), lookAt: null, looks: 0 },
  }
  const begun = withHistory(payment, { status: payment.status, at: now, by, note: null })
  if (request.method === 'wallet') return begun
  const then: Ask | undefined = confirm && { kind: 'confirm', ...confirm }
  const claimIds = request.claim ? [request.claim.id] : []
  return asking(begun, { ask: { kind: 'create', ...(then && { then }) }, by, claimIds }, now)
}

export const isFinal = (status: PaymentStatus): boolean => status === 'succeeded' || status === 'canceled'

/** The payment with a question to the provider on its way. */
export const asking = (payment: Payment, question: Pick<Asked, 'ask' | 'by' | 'claimIds'>, now: Date): Payment => {
  const asks = payment.asks + 1
  const key = `${payment._id}:${asks.toString()}:${question.ask.kind}`
  return withLook({ ...payment, asked: { ...question, key, at: now }, asks, looks: 0 }, now)
}

/** A further request asks what is being asked already; it is answered with the others. */
export const joining = (payment: Payment, asked: Asked, claimId: string | undefined): Payment => {
  if (claimId === undefined) return payment
  const stepClaims = [...payment.stepClaims, claimId]
  return stepped(payment, { ...payment, stepClaims, asked: { ...asked, claimIds: [...asked.claimIds, claimId] } })
}

/** The payment without its question, to which the answer was no. */
export const withDeclined = (payment: Payment, { claimIds }: Asked, error: ProviderError): Payment => ({
  ...payment,
  asked: null,
  declined: [...(payment.declined ?? []), { claimIds, error }],
})

/** The no that a request was answered with, or would have been. */
export const declinedFor = ({ declined }: Payment, claimId: string): ProviderError | undefined =>
  declined?.find(({ claimIds }) => claimIds.includes(claimId))?.error

/** Asks for a step if the payment is in a state for it. */
export const decideAsk = (payment: Payment, { ask, by, claimId }: Step, now: Date): Payment => {
  refuseUnlessPossible(payment, ask)
  const means = ask.kind === 'confirm' ? { paymentMethod: ask.paymentMethod } : {}
  const stepClaims = claimId === undefined ? payment.stepClaims : [...payment.stepClaims, claimId]
  const claimIds = claimId === undefined ? [] : [claimId]
  return stepped(payment, asking({ ...payment, ...means, stepClaims }, { ask, by, claimIds }, now))
}

/** What is asked, by whom, and in which request. */
export type Step = { ask: Ask; by: string; claimId: string | undefined }

const POSSIBLE: Record<Ask['kind'], readonly PaymentStatus[]> = {
  create: [],
  confirm: ['requires_payment_method', 'requires_confirmation', 'requires_action'],
  capture: ['requires_capture'],
  cancel: ['requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture'],
}

/** Refuses a step for which the payment is not in a state. */
export const refuseUnlessPossible = ({ _id, status, amountCapturableMinor, currency }: Payment, ask: Ask): void => {
  if (!POSSIBLE[ask.kind].includes(status))
    throw refuse('payment_status_conflict', { payment_id: _id, payment_status: status, step: ask.kind })
  if (ask.kind === 'capture' && ask.amountMinor > amountCapturableMinor)
    throw refuse('exceeds_authorized', { payment_id: _id, remaining: toWireAmount(amountCapturableMinor, currency) })
}

export const isSameAsk = (one: Ask, other: Ask): boolean =>
  one.kind === other.kind &&
  (one.kind !== 'confirm' || (other.kind === 'confirm' && one.paymentMethod === other.paymentMethod)) &&
  (one.kind !== 'capture' || (other.kind === 'capture' && one.amountMinor === other.amountMinor))

export const withHistory = (payment: Payment, item: HistoryItem): Payment => ({
  ...payment,
  status: item.status,
  history: [...payment.history, item],
})

/** The next version of what it was before. */
export const stepped = (before: Payment, after: Payment): Payment => ({ ...after, version: before.version + 1 })

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const LOOK_GAP_MAX_MS = 60 * MINUTE_MS

// How long the provider's silence is nothing to wonder at.
const PATIENCE_MS: Record<PaymentStatus, number | null> = {
  requires_payment_method: 10 * MINUTE_MS,
  requires_confirmation: 10 * MINUTE_MS,
  requires_action: MINUTE_MS,
  processing: 20 * SECOND_MS,
  requires_capture: LOOK_GAP_MAX_MS,
  succeeded: null,
  canceled: null,
}

/** The payment with the time of the next look at it: the longer nothing happens, the later. */
export const withLook = (payment: Payment, now: Date): Payment => {
  const patienceMs = patienceOf(payment)
  if (patienceMs === null) return { ...payment, lookAt: null }
  const gapMs = Math.min(patienceMs * 2 ** Math.min(payment.looks, 12), LOOK_GAP_MAX_MS)
  return { ...payment, lookAt: new Date(now.getTime() + gapMs) }
}

const patienceOf = (payment: Payment): number | null => {
  if (payment.asked) return 10 * SECOND_MS
  if (isOwed(payment)) return payment.looks === 0 ? 0 : SECOND_MS
  return PATIENCE_MS[payment.status]
}

/** Something is still to be done with the money that came. */
const isOwed = ({ status, method, feeMinor, repayment }: Payment): boolean =>
  status === 'succeeded' && ((method === 'card' && feeMinor === null) || repayment?.status === 'due')

const ABANDONED_AFTER_MS = 24 * 60 * MINUTE_MS

/** Nobody has paid for a day, and nobody will. */
export const isAbandoned = ({ status, createdAt, method }: Payment, now: Date): boolean =>
  method === 'card' &&
  ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(status) &&
  now.getTime() - createdAt.getTime() >= ABANDONED_AFTER_MS
