import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import { defineCollection, ensureCollections, type CollectionDefinition } from './collection.js'
import { acquireLease, leases } from './lease.js'
import { native } from './transaction.js'

type Collections = readonly CollectionDefinition<{ _id: string }>[]
type Up = (db: Connection) => Promise<void>

/**
 * One numbered step of a service's schema (`0002-loan-indexes`): collections that it brings up to date, and what it does
 * after that. Must be safe to run again after a crash.
 */
export type Migration = { readonly id: string } & (
  { readonly collections: Collections; readonly up?: Up } | { readonly collections?: Collections; readonly up: Up }
)

type AppliedMigration = { _id: string; appliedAt: Date }

const migrationsApplied = defineCollection<AppliedMigration>('migrations', {
  appliedAt: { type: Date, required: true },
})

/** What migrating itself needs in each database. */
export const migrationCollections: Collections = [leases, migrationsApplied]

const LOCK_TTL_MS = 60_000
const LOOK_AGAIN_AFTER_MS = 250

/** Applies what is missing, in order, each once; replicas that start together wait for the one that has the lock. */
export const migrate = async (db: Connection, migrations: readonly Migration[], log: Log): Promise<void> => {
  assertInOrder(migrations)
  if ((await pendingOf(db, migrations)).length === 0) return
  const lock = await waitForLock(db, log)
  try {
    await ensureCollections(db, migrationCollections)
    for (const migration of await pendingOf(db, migrations)) {
      await ensureCollections(db, migration.collections ?? [])
      await migration.up?.(db)
      await lock.renew()
      await native(db, migrationsApplied).insertOne({ _id: migration.id, appliedAt: new Date() })
      log.info({ migration: migration.id }, 'Migration applied')
    }
  } finally {
    await lock.release()
  }
}

const pendingOf = async (db: Connection, migrations: readonly Migration[]): Promise<Migration[]> => {
  const applied = await native(db, migrationsApplied).find().toArray()
  const ids = new Set(applied.map(({ _id }) => _id))
  return migrations.filter(({ id }) => !ids.has(id))
}

const waitForLock = async (db: Connection, log: Log) => {
  for (;;) {
    const lock = await acquireLease(db, 'migrations', LOCK_TTL_MS)
    if (lock) return lock
    log.info('Another process is migrating; waiting for it')
    await pause(LOOK_AGAIN_AFTER_MS)
  }
}

const assertInOrder = (migrations: readonly Migration[]): void => {
  const ids = migrations.map(({ id }) => id)
  if (ids.join() !== [...new Set(ids)].sort().join()) throw new Error(`Migrations are not in order: ${ids.join(', ')}`)
}
