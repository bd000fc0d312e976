import { defineCollection } from '../mongo/collection.js'

/** One row per consumer and event whose effect is committed. */
export type InboxRow = { _id: string; consumer: string; eventId: string; type: string; receivedAt: Date }

const REMEMBERED_FOR_SECONDS = 30 * 24 * 3600

export const inbox = defineCollection<InboxRow>(
  'inbox',
  {
    consumer: { type: String, required: true },
    eventId: { type: String, required: true },
    type: { type: String, required: true },
    receivedAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { receivedAt: 1 }, options: { expireAfterSeconds: REMEMBERED_FOR_SECONDS } }] },
)

export const toInboxRow = (consumer: string, event: { id: string; type: string }): InboxRow => ({
  _id: `${consumer}:${event.id}`,
  consumer,
  eventId: event.id,
  type: event.type,
  receivedAt: new Date(),
})
