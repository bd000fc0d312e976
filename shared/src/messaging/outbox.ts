import { defineCollection } from '../mongo/collection.js'
import type { Tx } from '../mongo/transaction.js'
import type { Envelope } from './event.js'

/** An event that waits to be published, or was: the outbox is also the archive of all events of its service. */
export type OutboxRow = { _id: string; subject: string; event: Envelope; publishedAt: Date | null }

export const outbox = defineCollection<OutboxRow>(
  'outbox',
  {
    subject: { type: String, required: true },
    event: { type: Object, required: true },
    publishedAt: { type: Date },
  },
  {
    indexes: [
      {
        fields: { publishedAt: 1, _id: 1 },
        options: { name: 'unpublished', partialFilterExpression: { publishedAt: null } },
      },
    ],
  },
)

export const toOutboxRow = (event: Envelope): OutboxRow => ({
  _id: event.id,
  subject: event.subject,
  event,
  publishedAt: null,
})

/** Announces what this transaction changed: the event is sent if, and only if, the transaction commits. */
export const addToOutbox = async (tx: Tx, ...events: Envelope[]): Promise<void> => {
  if (events.length > 0) await tx.insert(outbox, ...events.map(toOutboxRow))
}
