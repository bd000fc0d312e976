import type { Connection } from 'mongoose'
import { userRegistered, type Role } from '../contracts/auth.js'
import { newEvent, type Envelope, type EventContract } from '../messaging/event.js'
import { outbox } from '../messaging/outbox.js'
import { readsOn } from '../mongo/transaction.js'

/** The events of one type that a service has announced, oldest first. */
export const announced = async (db: Connection, { type }: EventContract): Promise<Envelope[]> => {
  const rows = await readsOn(db).find(outbox, { 'events.type': type }, { sort: { _id: 1 } })
  return rows.flatMap(({ events }) =>
    events.filter((event) => event.type === type).map(({ content }) => JSON.parse(content) as Envelope),
  )
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
    email_verified: false,
  })
