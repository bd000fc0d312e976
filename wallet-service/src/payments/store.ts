import { isDueBy, isText, where } from '@countinghouse/shared/mongo/partial'
import { PAYMENT_PURPOSES, type PaymentPurpose } from '@countinghouse/shared/contracts/payment'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema, type SchemaDefinition } from 'mongoose'
import {
  CAPTURE_METHODS,
  PAYMENT_METHODS,
  PAYMENT_STATUSES,
  type Payment,
  type PaymentStatus,
} from './domain/payment.js'

const amount = { type: BigInt, required: true }
const part = (fields: SchemaDefinition) => new Schema(fields, { _id: false, strict: 'throw' })

const status = { type: String, enum: PAYMENT_STATUSES, required: true }
const purpose = part({ kind: { type: String, enum: PAYMENT_PURPOSES, required: true }, id: { type: String, required: true } }) // prettier-ignore
const historyItem = part({ status, at: { type: Date, required: true }, by: { type: String, required: true }, note: String }) // prettier-ignore
const settlement = part({ entryId: { type: String, required: true }, accountId: { type: String, required: true } })
const claim = part({ id: { type: String, required: true }, fingerprint: { type: String, required: true } })

export const payments = defineCollection<Payment>(
  'payments',
  {
    ownerId: String,
    purpose: { type: purpose, required: true },
    amountMinor: amount,
    currency: { type: String, required: true },
    captureMethod: { type: String, enum: CAPTURE_METHODS, required: true },
    method: { type: String, enum: PAYMENT_METHODS, required: true },
    paymentMethod: String,
    description: String,
    walletId: String,
    status,
    amountCapturableMinor: amount,
    amountReceivedMinor: amount,
    amountRefundedMinor: amount,
    nextAction: Object,
    lastError: Object,
    cancellationReason: String,
    providerId: String,
    clientSecret: String,
    chargeId: String,
    holdId: String,
    settled: { type: settlement },
    feeMinor: BigInt,
    repayment: Object,
    asked: Object,
    asks: { type: Number, required: true },
    seenAt: { type: Date, required: true },
    lookAt: Date,
    looks: { type: Number, required: true },
    history: { type: [historyItem], required: true },
    createdBy: { type: String, required: true },
    claim: { type: claim },
    stepClaims: { type: [String], required: true },
    declined: { type: [Object], default: undefined },
    createdAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { ownerId: 1, _id: -1 } },
      { fields: { 'purpose.id': 1, _id: -1 } },
      { fields: { status: 1, _id: -1 } },
      { fields: { providerId: 1 }, options: { unique: true, ...where('providerId', 'string') } },
      { fields: { 'claim.id': 1 }, options: { unique: true, ...where('claim.id', 'string') } },
      { fields: { lookAt: 1 }, options: where('lookAt', 'date') },
    ],
    invariants: [
      { $gte: ['$amountMinor', '$amountReceivedMinor'] },
      { $gte: ['$amountReceivedMinor', '$amountRefundedMinor'] },
      { $gte: ['$amountRefundedMinor', { $toLong: 0 }] },
      // What is settled was received, and nothing is received twice.
      { $or: [{ $eq: ['$settled', null] }, { $eq: ['$status', 'succeeded'] }] },
    ],
  },
)

export const findPayment = (reads: Reads, id: string) => reads.findOne(payments, { _id: id })
export const findByProviderId = (reads: Reads, providerId: string) =>
  reads.findOne(payments, { providerId: isText(providerId) })
export const findClaimed = (reads: Reads, claimId: string) => reads.findOne(payments, { 'claim.id': isText(claimId) })

/** Payments of which there should be news by now, the longest silent first. */
export const findSilent = (reads: Reads, now: Date, limit: number): Promise<Payment[]> =>
  reads.find(payments, { lookAt: isDueBy(now) }, { sort: { lookAt: 1 }, limit })

const OVERDUE_AFTER_MS = 5 * 60_000

/** Nobody looked at it for five minutes, its question is older than that, or its money waits in vain. */
const overdueAt = (now: Date) => {
  const since = new Date(now.getTime() - OVERDUE_AFTER_MS)
  return {
    lookAt: { $type: 'date' as const },
    $or: [
      { lookAt: isDueBy(since) },
      { 'asked.at': { $lte: since } },
      { status: 'succeeded' as const, looks: { $gte: 8 } },
    ],
  }
}

export const countOverdue = (reads: Reads, now: Date): Promise<number> => reads.count(payments, overdueAt(now))
export const findOverdue = (reads: Reads, now: Date, limit: number): Promise<Payment[]> =>
  reads.find(payments, overdueAt(now), { sort: { lookAt: 1 }, limit })

export type PaymentFilter = {
  ownerId?: string | undefined
  status?: PaymentStatus | undefined
  purposeKind?: PaymentPurpose | undefined
  purposeId?: string | undefined
}

export const listPayments = async (
  reads: Reads,
  filter: PaymentFilter,
  paging: { page: number; page_size: number },
): Promise<Page<Payment>> => {
  const { ownerId, status: wanted, purposeKind, purposeId } = filter
  const fits = {
    ...(ownerId !== undefined && { ownerId }),
    ...(wanted && { status: wanted }),
    ...(purposeKind && { 'purpose.kind': purposeKind }),
    ...(purposeId !== undefined && { 'purpose.id': purposeId }),
  }
  const [items, total] = await Promise.all([
    reads.find(payments, fits, { sort: { _id: -1 }, ...rangeOf(paging) }),
    reads.count(payments, fits),
  ])
  return new Page(items, total, paging)
}

/** Someone else has taken a step with this payment since it was read. */
export class PaymentChanged extends Error {}

export const paymentInsertion = (payment: Payment): CompanionWrite =>
  insertion(payments, payment, () => new PaymentChanged())

/** Writes a step if the payment is still as it was when the step was decided. */
export const paymentUpdate = (before: Payment, after: Payment): CompanionWrite => {
  const { _id, ...fields } = after
  return {
    kind: 'update',
    into: payments,
    filter: { _id, version: before.version },
    update: { $set: fields },
    otherwise: () => new PaymentChanged(),
  }
}
