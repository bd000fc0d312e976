import { expect, test } from '@jest/globals'
import { freshDatabase } from '../testing/database.js'
import { testServers } from '../testing/servers.js'
import { defineCollection } from './collection.js'
import { migrateAlone } from './migrateAlone.js'

const things = defineCollection<{ _id: string; name: string }>('things', { name: { type: String, required: true } })

test('a database is brought up to date by nobody but its migrations, each once, however often and by how many', async () => {
  const { db, close } = await freshDatabase()
  let runs = 0
  const up = async () => void (runs += 1)
  const migrations = [{ id: '0001-things', collections: [things] }, { id: '0002-more', up }] // prettier-ignore
  const settings = { MONGODB_URI: testServers().mongodbUri, MONGODB_DATABASE: db.name, LOG_LEVEL: 'silent' } as const
  const migrate = () => migrateAlone('test-service', migrations, settings)
  await Promise.all([migrate(), migrate()])
  await migrate()
  expect(runs).toBe(1)
  await expect(db.collection('things').insertOne({ name: 1 })).rejects.toThrow('Document failed validation')
  await close()
})
