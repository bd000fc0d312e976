import type { Connection } from 'mongoose'
import { userRegistered, type Role } from '../contracts/auth.js'
import { newEvent, type Envelope, type EventContract } from '../messaging/event.js'
import { outbox } from '../messaging/outbox.js'
import { readsOn } from '../mongo/transaction.js'

/** The events of one type that a service has announced, oldest first. */
export const announced = async (db: Connection, { type }: EventContract): Promise<Envelope[]> => {
  const rows = await readsOn(db).find(outbox, { 'event.type': type }, { sort: { _id: 1 } })
  return rows.map(({ event }) => event)
}

/** The registration of a user, as auth-service announces it. */
export const registrationOf = (userId: string, role: Role = 'customer'): Envelope =>
  newEvent(userRegistered, userId, {
    user_id: userId,
    email: `${userId}@example.com`,
    username: userId,
    role,
    first_name: null,
    last_name: null,
    phone: null,
  })
