import type { Connection } from 'mongoose'
import { defineCollection } from '../mongo/collection.js'
import { insertion, type CompanionWrite } from '../mongo/companion.js'
import { native, type Tx } from '../mongo/transaction.js'
import type { Envelope } from './event.js'
import { createHandover, type Handover } from './handover.js'

/** An event as it will be sent. */
type Announced = { id: string; type: string; traceparent: string; content: string }

/**
 * Events of one commit that wait to be published, or were: the outbox is also the archive of all events of its service.
 * The row has the id of its first event.
 */
export type OutboxRow = {
  _id: string
  events: Announced[]
  publishedAt: Date | null
  /** The process that has it to hand, if one has. */
  by?: string
}

export const outbox = defineCollection<OutboxRow>(
  'outbox',
  {
    events: { type: [Object], required: true },
    publishedAt: { type: Date },
    by: String,
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

const toAnnounced = (event: Envelope): Announced => {
  const { id, type, traceparent } = event
  return { id, type, traceparent, content: JSON.stringify(event) }
}

// Far below MongoDB's largest document, however large the events.
const EVENTS_MAX = 200

const toRows = (events: readonly Announced[]): OutboxRow[] => {
  const [first] = events
  if (!first) return []
  const row = { _id: first.id, events: events.slice(0, EVENTS_MAX), publishedAt: null }
  return [row, ...toRows(events.slice(EVENTS_MAX))]
}

/** Announces what this transaction changed: the event is sent if, and only if, the transaction commits. */
export const addToOutbox = async (tx: Tx, ...events: Envelope[]): Promise<void> => {
  if (events.length === 0) return
  const handover = handoverOf(tx.db)
  const rows = toRows(events.map(toAnnounced)).map((row) => ({ ...row, by: handover.by }))
  handover.give(tx.session, rows)
  await native(tx.db, outbox).insertMany(rows, { session: tx.session })
}

/** The same as data, for a change that commits elsewhere (with an entry of the ledger). */
export const announcements = (events: readonly Envelope[]): CompanionWrite[] =>
  toRows(events.map(toAnnounced)).map((row) =>
    insertion(outbox, row, () => new Error('The event is announced already')),
  )

const handovers = new WeakMap<Connection, Handover<OutboxRow>>()

/** What is announced on this connection, for the relay on the same one. */
export const handoverOf = (db: Connection): Handover<OutboxRow> => {
  const handover = handovers.get(db) ?? createHandover<OutboxRow>()
  handovers.set(db, handover)
  return handover
}
