import { ensureCollections } from '@countinghouse/shared/mongo/collection'
import type { ServiceDefinition } from '@countinghouse/shared/service'
import { readSettings, type Settings } from './config.js'
import { refusals } from './errors.js'
import { itemEndpoints } from './items/routes.js'
import { items } from './items/store.js'

export const inventoryService: ServiceDefinition<Settings> = {
  name: 'inventory-service',
  readSettings,
  refusals,
  migrations: [{ id: '0001-items', up: (db) => ensureCollections(db, [items]) }],
  build: ({ db, now }) => ({ endpoints: itemEndpoints({ db, now }) }),
}
