import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Connection } from 'mongoose'
import { freshDatabase } from '../testing/database.js'
import { applyMongoUsers, backupUser, databaseOf, serviceUser } from './mongoUsers.js'

let fresh: Awaited<ReturnType<typeof freshDatabase>>
let db: Connection
beforeAll(async () => {
  fresh = await freshDatabase()
  db = fresh.db
})
afterAll(async () => {
  await db.getClient().db(db.name).command({ dropAllUsersFromDatabase: 1 })
  await fresh.close()
})

// As for a service, in a database of the test's own.
const userOf = (password: string) => ({
  ...serviceUser('wallet-service', password),
  database: db.name,
  roles: serviceUser('wallet-service', password).roles.map(({ role }) => ({ role, db: db.name })),
})
const rolesFound = async () => {
  const { users } = await db.getClient().db(db.name).command({ usersInfo: 'wallet-service', showPrivileges: true })
  return (users as { inheritedPrivileges: { resource: { db: string } }[] }[]).map(({ inheritedPrivileges }) => [
    ...new Set(inheritedPrivileges.map(({ resource }) => resource.db)),
  ])
}

test('a service’s user has rights in its own database alone, however often it is made', async () => {
  await applyMongoUsers(db, [userOf('first')])
  await applyMongoUsers(db, [userOf('second')])
  expect(await rolesFound()).toEqual([[db.name]])
})

test('the user of a service is kept in the service’s database, and that of the backup writes nowhere', () => {
  expect(serviceUser('loan-service', 'x')).toMatchObject({
    database: databaseOf('loan-service'),
    roles: [
      { role: 'readWrite', db: 'countinghouse_loan' },
      { role: 'dbAdmin', db: 'countinghouse_loan' },
    ],
  })
  expect(backupUser('x').roles.map(({ role }) => role)).toEqual(['backup'])
})
