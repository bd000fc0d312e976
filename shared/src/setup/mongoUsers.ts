import type { Connection } from 'mongoose'

type Role = { role: string; db: string }
export type MongoUser = { user: string; password: string; database: string; roles: readonly Role[] }

/** The database of a service, as every deployment names it. */
export const databaseOf = (service: string): string => `countinghouse_${service.replace('-service', '')}`

/** A service may read and write its own database and shape its collections; it sees no other. */
export const serviceUser = (service: string, password: string): MongoUser => {
  const database = databaseOf(service)
  return { user: service, password, database, roles: ['readWrite', 'dbAdmin'].map((role) => ({ role, db: database })) }
}

/** Who takes the backups: reads everything, writes nothing. */
export const backupUser = (password: string): MongoUser => ({
  ...{ user: 'backup', password, database: 'admin', roles: [{ role: 'backup', db: 'admin' }] },
})

/** Makes the users, or brings their passwords and roles up to date. */
export const applyMongoUsers = async (db: Connection, users: readonly MongoUser[]): Promise<void> => {
  for (const { user, password, database, roles } of users) {
    const home = db.getClient().db(database)
    const { users: found } = await home.command({ usersInfo: user })
    const command = (found as unknown[]).length > 0 ? 'updateUser' : 'createUser'
    await home.command({ [command]: user, pwd: password, roles })
  }
}

type Address = { hosts: string; user: string; password: string; database: string }

/** The address of the replica set under a user, who is kept in the database that is named. */
export const mongoUriOf = ({ hosts, user, password, database }: Address): string =>
  `mongodb://${user}:${encodeURIComponent(password)}@${hosts}/?replicaSet=mongodb&authSource=${database}`
