import type { Connection } from 'mongoose'
import type { Envelope, EventContract } from '../messaging/event.js'
import { outbox } from '../messaging/outbox.js'
import { readsOn } from '../mongo/transaction.js'

/** The events of one type that a service has announced, oldest first. */
export const announced = async (db: Connection, { type }: EventContract): Promise<Envelope[]> => {
  const rows = await readsOn(db).find(outbox, { 'event.type': type }, { sort: { _id: 1 } })
  return rows.map(({ event }) => event)
}
