import { isDueBy, isText, where } from '@countinghouse/shared/mongo/partial'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import { REFUND_STATUSES } from '../payments/provider.js'
import { REFUND_PLACES, type Refund } from './domain.js'

const status = { type: String, enum: REFUND_STATUSES, required: true }
const historyItem = new Schema({ status, at: { type: Date, required: true } }, { _id: false })
const claim = new Schema(
  { id: { type: String, required: true }, fingerprint: { type: String, required: true } },
  { _id: false },
)

export const refunds = defineCollection<Refund>(
  'refunds',
  {
    paymentId: { type: String, required: true },
    ownerId: String,
    providerId: String,
    providerPaymentId: String,
    amountMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    reason: String,
    status,
    failureReason: String,
    declinedWith: String,
    fromAccountId: { type: String, required: true },
    place: { type: String, enum: REFUND_PLACES, required: true },
    entryId: String,
    history: { type: [historyItem], required: true },
    createdBy: { type: String, required: true },
    claim: { type: claim },
    lookAt: Date,
    looks: { type: Number, required: true },
    createdAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { paymentId: 1, _id: -1 } },
      { fields: { ownerId: 1, _id: -1 } },
      { fields: { providerId: 1 }, options: { unique: true, ...where('providerId', 'string') } },
      { fields: { 'claim.id': 1 }, options: { unique: true, ...where('claim.id', 'string') } },
      { fields: { lookAt: 1 }, options: where('lookAt', 'date') },
    ],
    invariants: [{ $gt: ['$amountMinor', { $toLong: 0 }] }],
  },
)

export const findRefund = (reads: Reads, id: string) => reads.findOne(refunds, { _id: id })
export const findByProviderId = (reads: Reads, providerId: string) =>
  reads.findOne(refunds, { providerId: isText(providerId) })
export const findClaimed = (reads: Reads, claimId: string) => reads.findOne(refunds, { 'claim.id': isText(claimId) })

/** Refunds of which there should be news by now, the longest silent first. */
export const findSilent = (reads: Reads, now: Date, limit: number): Promise<Refund[]> =>
  reads.find(refunds, { lookAt: isDueBy(now) }, { sort: { lookAt: 1 }, limit })

export const listRefunds = async (
  reads: Reads,
  filter: { ownerId?: string | undefined; paymentId?: string | undefined },
  paging: { page: number; page_size: number },
): Promise<Page<Refund>> => {
  const fits = {
    ...(filter.ownerId !== undefined && { ownerId: filter.ownerId }),
    ...(filter.paymentId !== undefined && { paymentId: filter.paymentId }),
  }
  const [items, total] = await Promise.all([
    reads.find(refunds, fits, { sort: { _id: -1 }, ...rangeOf(paging) }),
    reads.count(refunds, fits),
  ])
  return new Page(items, total, paging)
}

/** Someone else has taken a step with this refund since it was read. */
export class RefundChanged extends Error {}

export const refundInsertion = (refund: Refund): CompanionWrite => insertion(refunds, refund, () => new RefundChanged())

export const refundUpdate = (before: Refund, { _id, ...fields }: Refund): CompanionWrite => ({
  kind: 'update',
  into: refunds,
  filter: { _id, version: before.version },
  update: { $set: fields },
  otherwise: () => new RefundChanged(),
})
