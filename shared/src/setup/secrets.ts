import { randomBytes } from 'node:crypto'
import { serviceSecretOf } from '../crypto.js'
import { brokerPermissions, brokerUrlOf } from '../messaging/users.js'
import { databaseOf, mongoUriOf } from './mongoUsers.js'

/** Where the servers answer, by the way in which the platform is deployed. */
export const PLACES = {
  compose: { mongodb: 'mongodb-1,mongodb-2,mongodb-3', rabbitmq: 'broker', redis: 'cache' },
  kubernetes: {
    mongodb: [0, 1, 2].map((index) => `mongodb-${index}.mongodb-svc`).join(),
    // With its namespace: who counts what waits in a queue asks from another one.
    rabbitmq: 'rabbitmq.countinghouse',
    redis: 'redis-master',
  },
} as const
export type Place = keyof typeof PLACES

const VHOST = 'countinghouse'
const password = () => randomBytes(24).toString('base64url')

/** What is drawn once, or put there by somebody who knows it, and kept: by the folder of who needs it and the name of the file. */
export const ROOTS = {
  'auth-service/ENCRYPTION_KEYS': () => `k1:${randomBytes(32).toString('base64')}`,
  'auth-service/SERVICE_MASTER_SECRET': password,
  'wallet-service/ENCRYPTION_KEYS': () => `k1:${randomBytes(32).toString('base64')}`,
  // Until the keys of the real provider are put there, the platform talks to the sandbox with these.
  'wallet-service/STRIPE_API_KEY': () => 'sk_test_sandbox',
  'wallet-service/STRIPE_WEBHOOK_SECRETS': () => `whsec_${randomBytes(24).toString('hex')}`,
  'backup/BACKUP_KEYS': () => `k1:${randomBytes(32).toString('base64')}`,
  'mongodb/keyfile': () => randomBytes(512).toString('base64'),
  'mongodb/password': password,
  'rabbitmq/password': password,
  'redis/password': password,
  'files/password': password,
  'grafana/password': password,
  'mail/url': () => 'smtp://mail:1025',
} as const satisfies Record<string, () => string>
export type Roots = Record<keyof typeof ROOTS, string>

/** The password of a service at a server: made of the master secret, so that nobody has to keep it. */
export const passwordOf = (masterSecret: string, server: 'mongodb' | 'rabbitmq', user: string): string =>
  serviceSecretOf(masterSecret, `${server}:${user}`)

/** What follows from the roots: each service gets what it needs and nothing of another's. */
export const derivedSecrets = (roots: Roots, place: Place): Record<string, string> => {
  const [master = ''] = roots['auth-service/SERVICE_MASTER_SECRET'].split(',')
  const hosts = PLACES[place]
  const mongodb = (user: string, secret: string, database: string) =>
    mongoUriOf({ hosts: hosts.mongodb, user, password: secret, database })
  const everybody = (service: string) => ({
    [`${service}/SERVICE_CLIENT_SECRET`]: serviceSecretOf(master, service),
    [`${service}/REDIS_URL`]: `redis://:${roots['redis/password']}@${hosts.redis}:6379`,
  })
  const owner = (service: string) => ({
    ...everybody(service),
    [`${service}/MONGODB_URI`]: mongodb(service, passwordOf(master, 'mongodb', service), databaseOf(service)),
    [`${service}/RABBITMQ_URL`]: brokerUrlOf(`amqp://${hosts.rabbitmq}:5672`, {
      ...{ vhost: VHOST, service, password: passwordOf(master, 'rabbitmq', service) },
    }),
    [`${service}/S3_SECRET_ACCESS_KEY`]: roots['files/password'],
    [`${service}/SMTP_URL`]: roots['mail/url'],
  })
  const admin = `${VHOST}:${roots['rabbitmq/password']}`
  const owners = Object.keys(brokerPermissions()).flatMap((service) => Object.entries(owner(service)))
  return {
    ...everybody('gateway'),
    ...Object.fromEntries(owners),
    'setup/SERVICE_MASTER_SECRET': master,
    'setup/MONGODB_ADMIN_URI': mongodb('admin', roots['mongodb/password'], 'admin'),
    'setup/RABBITMQ_ADMIN_URL': `http://${admin}@${hosts.rabbitmq}:15672`,
    'backup/MONGODB_URI': mongodb('backup', passwordOf(master, 'mongodb', 'backup'), 'admin'),
    'backup/S3_SECRET_ACCESS_KEY': roots['files/password'],
    'rabbitmq/admin.conf': `default_user = ${VHOST}\ndefault_pass = ${roots['rabbitmq/password']}`,
    'redis/redis.conf': `requirepass ${roots['redis/password']}\nappendonly yes\nsave ""\nmaxmemory-policy noeviction`,
  }
}
