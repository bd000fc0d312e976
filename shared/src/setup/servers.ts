import { createConnection } from 'mongoose'
import { applyTopology } from '../messaging/topology.js'
import { applyBrokerUsers, brokerPermissions } from '../messaging/users.js'
import type { SetupSettings } from './config.js'
import { applyMongoUsers, backupUser, serviceUser } from './mongoUsers.js'
import { passwordOf } from './secrets.js'

/** Brings exchanges, queues and every service's users up to date; safe to run before each deployment. */
export const setUpServers = async (settings: SetupSettings): Promise<void> => {
  const { RABBITMQ_ADMIN_URL: adminUrl, RABBITMQ_VHOST: vhost, SERVICE_MASTER_SECRET: master } = settings
  await applyTopology({ adminUrl, vhost })
  await applyBrokerUsers({ adminUrl, vhost, passwordOf: (service) => passwordOf(master, 'rabbitmq', service) })
  const db = await createConnection(settings.MONGODB_ADMIN_URI).asPromise()
  try {
    const services = Object.keys(brokerPermissions())
    const users = services.map((service) => serviceUser(service, passwordOf(master, 'mongodb', service)))
    await applyMongoUsers(db, [...users, backupUser(passwordOf(master, 'mongodb', 'backup'))])
  } finally {
    await db.close()
  }
}
