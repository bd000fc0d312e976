import { isDueBy, where } from '@countinghouse/shared/mongo/partial'
import { Feed } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, type ReadOptions, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { DELIVERY_STATUSES, ENDPOINT_STATUSES, type DeliveryStatus, type WebhookDelivery, type WebhookEndpoint } from './domain.js' // prettier-ignore

export const webhookEndpoints = defineCollection<WebhookEndpoint>(
  'webhookEndpoints',
  {
    ownerId: String,
    email: String,
    url: { type: String, required: true },
    events: { type: [String], required: true },
    description: String,
    status: { type: String, enum: ENDPOINT_STATUSES, required: true },
    secrets: { type: [Object], required: true },
    lastSuccessAt: Date,
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { ownerId: 1, _id: 1 } }] },
)

const KEPT_FOR_SECONDS = 30 * 24 * 3600

export const webhookDeliveries = defineCollection<WebhookDelivery>(
  'webhookDeliveries',
  {
    endpointId: { type: String, required: true },
    eventId: { type: String, required: true },
    type: { type: String, required: true },
    body: { type: String, required: true },
    status: { type: String, enum: DELIVERY_STATUSES, required: true },
    attempts: { type: [Object], required: true },
    triedSince: { type: Date, required: true },
    tries: { type: Number, required: true },
    dueAt: Date,
    createdAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { endpointId: 1, _id: -1 } },
      { fields: { endpointId: 1, eventId: 1 }, options: { unique: true } },
      { fields: { dueAt: 1 }, options: where('dueAt', 'date') },
      { fields: { createdAt: 1 }, options: { expireAfterSeconds: KEPT_FOR_SECONDS } },
    ],
  },
)

export const findEndpoint = (reads: Reads, id: string): Promise<WebhookEndpoint | undefined> =>
  reads.findOne(webhookEndpoints, { _id: id })

const ownedBy = (ownerId: string | undefined) => (ownerId === undefined ? {} : { ownerId })

export const listEndpoints = (reads: Reads, ownerId: string | undefined, range: ReadOptions) =>
  reads.find(webhookEndpoints, ownedBy(ownerId), { ...range, sort: { _id: 1 } })

export const countEndpoints = (reads: Reads, ownerId: string | undefined): Promise<number> =>
  reads.count(webhookEndpoints, ownedBy(ownerId))

/** The endpoints that could hear of an event of this user: theirs, and those of the house. */
export const endpointsFor = (reads: Reads, userId: string | undefined): Promise<WebhookEndpoint[]> =>
  reads.find(webhookEndpoints, {
    ownerId: { $in: [null, ...(userId === undefined ? [] : [userId])] },
    status: { $ne: 'disabled' },
  })

type DeliveryFilter = {
  endpointId: string
  status?: DeliveryStatus | undefined
  cursor?: string | undefined
  page_size: number
}

export const listDeliveries = async (
  reads: Reads,
  { endpointId, status, cursor, page_size }: DeliveryFilter,
): Promise<Feed<WebhookDelivery>> => {
  const filter = { endpointId, ...(status && { status }), ...(cursor !== undefined && { _id: { $lt: cursor } }) }
  const found = await reads.find(webhookDeliveries, filter, { sort: { _id: -1 }, limit: page_size + 1 })
  return Feed.of(found, page_size, ({ _id }) => _id)
}

/** Longer than a try can take: after a crash it comes up again. */
const LEASE_MS = 60_000

/** Takes the next delivery that is due; nobody else has it meanwhile. */
export const claimDelivery = async (db: Connection, now: Date): Promise<WebhookDelivery | undefined> => {
  const claim = { $set: { dueAt: new Date(now.getTime() + LEASE_MS) }, $inc: { tries: 1 } }
  const claimed = await native(db, webhookDeliveries).findOneAndUpdate({ dueAt: isDueBy(now) }, claim, {
    sort: { dueAt: 1 },
    returnDocument: 'after',
  })
  return claimed ?? undefined
}
