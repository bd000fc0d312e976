import { afterAll, expect, test } from '@jest/globals'
import { connect } from 'amqplib'
import { createConnection } from 'mongoose'
import { managementOf } from '../messaging/management.js'
import { brokerPermissions, brokerUrlOf } from '../messaging/users.js'
import { testServers, uniqueName } from '../testing/servers.js'
import { databaseOf } from './mongoUsers.js'
import { passwordOf } from './secrets.js'
import { setUpServers } from './servers.js'

const { mongodbUri, rabbitmqUrl, rabbitmqAdminUrl } = testServers()
const vhost = uniqueName('test')
const master = 'm'.repeat(32)
const services = Object.keys(brokerPermissions())
const mongo = await createConnection(mongodbUri).asPromise()
const homes = [...services.map((service) => [databaseOf(service), service]), ['admin', 'backup']] as const

afterAll(async () => {
  const { call } = managementOf(rabbitmqAdminUrl)
  await call('DELETE', `vhosts/${vhost}`)
  for (const service of services) await call('DELETE', `users/${vhost}.${service}`)
  for (const [database = '', user] of homes) await mongo.getClient().db(database).command({ dropUser: user })
  await mongo.close()
})

test('the set-up may be repeated, and each service then gets in with the password that its secrets say', async () => {
  const settings = {
    MONGODB_ADMIN_URI: mongodbUri,
    RABBITMQ_ADMIN_URL: rabbitmqAdminUrl,
    RABBITMQ_VHOST: vhost,
    SERVICE_MASTER_SECRET: master,
  }
  await setUpServers(settings)
  await setUpServers(settings)
  const password = passwordOf(master, 'rabbitmq', 'wallet-service')
  const connection = await connect(brokerUrlOf(rabbitmqUrl, { vhost, service: 'wallet-service', password }))
  const channel = await connection.createChannel()
  expect(await channel.checkQueue('wallet.loan-events')).toMatchObject({ messageCount: 0 })
  await connection.close()
  for (const [database = '', user] of homes) {
    const { users } = await mongo.getClient().db(database).command({ usersInfo: user })
    expect(users).toHaveLength(1)
  }
})
