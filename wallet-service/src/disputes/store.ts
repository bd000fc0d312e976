import { isDueBy, where } from '@countinghouse/shared/mongo/partial'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { insertion, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import type { Reads } from '@countinghouse/shared/mongo/transaction'
import { Schema } from 'mongoose'
import { DISPUTE_STATUSES } from '../payments/provider.js'
import type { Dispute, DisputeStatus } from './domain.js'

const status = { type: String, enum: DISPUTE_STATUSES, required: true }
const historyItem = new Schema({ status, at: { type: Date, required: true } }, { _id: false })

export const disputes = defineCollection<Dispute>(
  'disputes',
  {
    providerId: { type: String, required: true },
    paymentId: { type: String, required: true },
    ownerId: String,
    amountMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    reason: { type: String, required: true },
    status,
    respondBy: Date,
    heldMinor: { type: BigInt, required: true },
    booked: { type: [String], required: true },
    asks: [String],
    history: { type: [historyItem], required: true },
    lookAt: Date,
    createdAt: { type: Date, required: true },
    version: { type: Number, required: true },
  },
  {
    indexes: [
      { fields: { providerId: 1 }, options: { unique: true } },
      { fields: { status: 1, _id: -1 } },
      { fields: { paymentId: 1 } },
      { fields: { lookAt: 1 }, options: where('lookAt', 'date') },
    ],
  },
)

export const findDispute = (reads: Reads, id: string) => reads.findOne(disputes, { _id: id })
export const findByProviderId = (reads: Reads, providerId: string) => reads.findOne(disputes, { providerId })

/** Open disputes that were not heard of for an hour. */
export const findSilent = (reads: Reads, now: Date, limit: number): Promise<Dispute[]> =>
  reads.find(disputes, { lookAt: isDueBy(now) }, { sort: { lookAt: 1 }, limit })

export const listDisputes = async (
  reads: Reads,
  filter: { status?: DisputeStatus | undefined; paymentId?: string | undefined },
  paging: { page: number; page_size: number },
): Promise<Page<Dispute>> => {
  const fits = {
    ...(filter.status && { status: filter.status }),
    ...(filter.paymentId !== undefined && { paymentId: filter.paymentId }),
  }
  const [items, total] = await Promise.all([
    reads.find(disputes, fits, { sort: { _id: -1 }, ...rangeOf(paging) }),
    reads.count(disputes, fits),
  ])
  return new Page(items, total, paging)
}

/** Someone else has taken a step with this dispute since it was read. */
export class DisputeChanged extends Error {}

export const disputeWrite = (before: Dispute, after: Dispute): CompanionWrite => {
  const { _id, ...fields } = after
  const otherwise = () => new DisputeChanged()
  if (before.version === 0) return insertion(disputes, after, otherwise)
  return {
    kind: 'update',
    into: disputes,
    filter: { _id, version: before.version },
    update: { $set: fields },
    otherwise,
  }
}
