import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, writeJson } from '../../kit/files.js'

export const user = 'countinghouse'
export const vhost = 'countinghouse'

export type Ports = { amqp: number; admin: number; metrics: number; distribution: number; mapper: number }

/** The password of this folder's broker, made once. */
export const passwordOf = (directory: string): string => {
  const file = join(directory, 'secret.json')
  const earlier = readJson<{ password: string }>(file)
  if (earlier) return earlier.password
  const password = randomBytes(18).toString('base64url')
  writeJson(file, { password })
  return password
}

const hashOf = (password: string): string => {
  const salt = randomBytes(4)
  const digest = createHash('sha256').update(salt).update(password).digest()
  return Buffer.concat([salt, digest]).toString('base64')
}

const definitions = (password: string) => ({
  users: [
    {
      name: user,
      password_hash: hashOf(password),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: 'administrator',
    },
  ],
  vhosts: [{ name: vhost }],
  permissions: [{ user, vhost, configure: '.*', write: '.*', read: '.*' }],
})

const configuration = (directory: string, { amqp, admin, metrics }: Ports) => `listeners.tcp.1 = 127.0.0.1:${amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${admin}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = ${metrics}
log.console = true
log.file = false
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 256MB
load_definitions = ${join(directory, 'definitions.json')}
`

/** Writes everything the broker reads at its start. */
export const writeSettings = (directory: string, ports: Ports, password: string): void => {
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 })
  mkdirSync(join(directory, 'home'), { recursive: true, mode: 0o700 })
  write('rabbitmq.conf', configuration(directory, ports))
  write('definitions.json', JSON.stringify(definitions(password), undefined, 2))
  write('enabled_plugins', '[rabbitmq_management,rabbitmq_prometheus,rabbitmq_consistent_hash_exchange].\n')
  // Empty, so that the machine's own in /etc is not read.
  write('rabbitmq-env.conf', '')
}

/** The environment that keeps a broker inside its folder and on loopback. */
export const environmentOf = (directory: string, ports: Ports, marker: string): NodeJS.ProcessEnv => ({
  ...process.env,
  HOME: join(directory, 'home'),
  RABBITMQ_NODENAME: 'countinghouse@localhost',
  RABBITMQ_DIST_PORT: String(ports.distribution),
  ERL_EPMD_PORT: String(ports.mapper),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
  RABBITMQ_LOG_BASE: join(directory, 'log'),
  RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq.conf'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, 'advanced.config'),
  RABBITMQ_CONF_ENV_FILE: join(directory, 'rabbitmq-env.conf'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
  RABBITMQ_PID_FILE: join(directory, 'pid'),
  // Makes the script become the broker instead of waiting beside it, so that our child is the broker itself.
  RABBITMQ_ALLOW_INPUT: 'true',
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
    '-noinput',
    '-kernel inet_dist_use_interface {127,0,0,1}',
    `-countinghouse ${marker}`,
  ].join(' '),
})
