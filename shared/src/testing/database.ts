import type { Connection } from 'mongoose'
import { createLog } from '../log.js'
import { inbox } from '../messaging/inbox.js'
import { outbox } from '../messaging/outbox.js'
import { ensureCollections, type CollectionDefinition } from '../mongo/collection.js'
import { connectMongo } from '../mongo/connect.js'
import { leases } from '../mongo/lease.js'
import { testServers, uniqueName } from './servers.js'

/** A database of one's own with the kit's collections and those given. */
export const freshDatabase = async (
  ...collections: CollectionDefinition<{ _id: string }>[]
): Promise<{ db: Connection; close(): Promise<void> }> => {
  const log = createLog('test', 'silent')
  const db = await connectMongo({ uri: testServers().mongodbUri, database: uniqueName('test'), service: 'test', log })
  await ensureCollections(db, [leases, outbox, inbox, ...collections])
  return {
    db,
    close: async () => {
      await db.dropDatabase()
      await db.close()
    },
  }
}
