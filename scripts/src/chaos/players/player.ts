import type { mongo } from 'mongoose'
import type { ServiceName } from '../../system/names.js'
import type { Hand, Session } from '../hand.js'
import type { Found, Happened } from '../tally.js'

export type Owner = Exclude<ServiceName, 'gateway'>
/** The database of each service, read when all is quiet again. */
export type Databases = Readonly<Record<Owner, mongo.Db>>

export type Person = { session: Session; userId: string; walletId: string }

/** Who plays: the customers who registered so far, and an administrator. */
export type People = {
  admin: Session
  customers: Person[]
  /** Any of them. */
  one(): Person
}

/** What some clients do. To add one: its kinds of attempt, one round, and where its effects are found. */
export type Player = {
  kinds: readonly string[]
  /** How often its turn comes, beside the others. */
  weight: number
  /** What has to be there before the first round. */
  prepare?(hand: Hand, people: People): Promise<void>
  play(hand: Hand, people: People): Promise<void>
  /** The markers of the effects that are in the databases. */
  found(databases: Databases): Promise<Found>
  /** What is still on its way or must never be, as sentences; the count waits until there is none. */
  problems?(databases: Databases): Promise<string[]>
  /** What else must hold, by its name, as sentences about what does not. */
  checks?: Readonly<Record<string, (databases: Databases, happened: Happened) => Promise<string[]>>>
}

/** The values of one field over a collection. */
export const fieldOf = async (
  db: mongo.Db,
  collection: string,
  filter: mongo.Filter<mongo.Document>,
  field: string,
): Promise<string[]> => {
  const rows = await db.collection(collection).find(filter).toArray()
  return rows.map((row) => String(row[field]))
}
