import { readMigrationSettings } from '../config.js'
import { createLog } from '../log.js'
import { connectMongo } from './connect.js'
import { migrate, type Migration } from './migrations.js'

/** Brings the database of a service up to date and ends: what its start does, ahead of it. */
export const migrateAlone = async (
  service: string,
  migrations: readonly Migration[],
  settings = readMigrationSettings(),
): Promise<void> => {
  const { MONGODB_URI: uri, MONGODB_DATABASE: database, LOG_LEVEL } = settings
  const log = createLog(service, LOG_LEVEL)
  const db = await connectMongo({ uri, database, service, log })
  try {
    await migrate(db, migrations, log)
    log.info({ migrations: migrations.length }, 'The database is up to date')
  } finally {
    await db.close()
  }
}
