import { defineCollection } from '@countinghouse/shared/mongo/collection'
import { native, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import type { Connection, mongo } from 'mongoose'
import type { DueEvent, LoggedEvent } from './domain.js'

const text = { type: String, required: true }
const time = { type: Date, required: true }

export const providerEvents = defineCollection<LoggedEvent>(
  'provider_events',
  { type: text, objectId: text, happenedAt: time, receivedAt: time, body: text, signature: text },
  { indexes: [{ fields: { receivedAt: 1 } }, { fields: { objectId: 1 } }] },
)

export const dueEvents = defineCollection<DueEvent>(
  'provider_events_due',
  { objectId: text, happenedAt: time, attempts: { type: Number, required: true }, error: String, lookAt: time },
  { indexes: [{ fields: { lookAt: 1 } }] },
)

/** Adds to the log what is not in it yet, and makes that due; answers which were new. */
export const logEvents = async (
  tx: Tx,
  events: readonly LoggedEvent[],
  due: readonly DueEvent[],
): Promise<Set<string>> => {
  const { upsertedIds } = await native(tx.db, providerEvents).bulkWrite(events.map(insertion), { session: tx.session })
  const isNew = new Set(Object.keys(upsertedIds).map((index) => events[Number(index)]?._id ?? ''))
  const added = due.filter(({ _id }) => isNew.has(_id))
  if (added.length > 0) await native(tx.db, dueEvents).insertMany(added, { session: tx.session })
  return isNew
}

const insertion = <Doc extends { _id: string }>({ _id, ...rest }: Doc) => ({
  updateOne: {
    filter: { _id } as mongo.Filter<Doc>,
    update: { $setOnInsert: rest as mongo.MatchKeysAndValues<Doc> },
    upsert: true,
  },
})

export const findLogged = (reads: Reads, id: string) => reads.findOne(providerEvents, { _id: id })

/** Events that should take effect now, in the order in which they happened. */
export const findDue = (reads: Reads, now: Date, limit: number): Promise<DueEvent[]> =>
  reads.find(dueEvents, { lookAt: { $lte: now } }, { sort: { lookAt: 1, happenedAt: 1 }, limit })

export const countDue = (db: Connection): Promise<number> => readsOn(db).count(dueEvents, {})
export const countFailing = (db: Connection): Promise<number> => readsOn(db).count(dueEvents, { attempts: { $gte: 3 } })

/** An event has taken effect. */
export const settle = async (db: Connection, { _id, lookAt }: DueEvent): Promise<void> => {
  await native(db, dueEvents).deleteOne({ _id, lookAt })
}

export const postpone = async (db: Connection, before: DueEvent, after: DueEvent): Promise<void> => {
  const { _id, ...fields } = after
  await native(db, dueEvents).updateOne({ _id, lookAt: before.lookAt }, { $set: fields })
}

export type Stretch = { from: Date; until: Date; type: string | undefined; objectId: string | undefined }

/** Events of the log, the oldest first. */
export const readLog = (db: Connection, { from, until, type, objectId }: Stretch): AsyncIterable<LoggedEvent> =>
  native(db, providerEvents)
    .find({
      receivedAt: { $gte: from, $lt: until },
      ...(type !== undefined && { type }),
      ...(objectId !== undefined && { objectId }),
    })
    .sort({ receivedAt: 1 })

/** Makes events due again that have taken effect before. */
export const makeDue = async (db: Connection, events: readonly DueEvent[]): Promise<void> => {
  const again = events.map(({ _id, ...rest }) => ({
    updateOne: { filter: { _id }, update: { $set: rest }, upsert: true },
  }))
  if (again.length > 0) await native(db, dueEvents).bulkWrite(again)
}
