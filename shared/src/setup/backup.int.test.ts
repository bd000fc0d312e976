import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseSettings } from '../config.js'
import { createLog } from '../log.js'
import { registry } from '../metrics.js'
import { freshDatabase } from '../testing/database.js'
import { eventually } from '../testing/eventually.js'
import { testServers } from '../testing/servers.js'
import { keepBackups } from './backup.js'
import { backupSettings } from './config.js'

const reaches = async (): Promise<number> => {
  const [sample] = (await registry.getSingleMetric('backup_reaches_timestamp_seconds')?.get())?.values ?? []
  return sample?.value ?? 0
}

test('backups follow one another, and how far the last one reaches is told', async () => {
  const [{ db, close }, folder] = [await freshDatabase(), await mkdtemp(join(tmpdir(), 'backups-'))]
  const settings = parseSettings(backupSettings, {
    ...{ MONGODB_URI: testServers().mongodbUri, MONGODB_DATABASES: db.name, BACKUP_FOLDER: folder },
    BACKUP_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  })
  const begunAt = Math.floor(Date.now() / 1000) - 1
  await db.collection('things').insertOne({ name: 'first' })
  const keeping = await keepBackups(settings, 100, createLog('test', 'silent'))
  const first = await reaches()
  expect(first).toBeGreaterThanOrEqual(begunAt)
  await eventually(async () => {
    await db.collection('things').insertOne({ name: 'later' })
    expect(await reaches()).toBeGreaterThan(first)
  })
  await keeping.stop()
  const again = await keepBackups(settings, 3_600_000, createLog('test', 'silent'))
  expect(await reaches()).toBeGreaterThan(first)
  await again.stop()
  await rm(folder, { recursive: true, force: true })
  await close()
})
