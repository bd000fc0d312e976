import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { serviceSecretOf } from '../crypto.js'
import { writeSecrets } from './files.js'

const made = () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'secrets')
  const read = () =>
    Object.fromEntries(
      readdirSync(folder).flatMap((owner) =>
        readdirSync(join(folder, owner)).map((name) => [
          `${owner}/${name}`,
          readFileSync(join(folder, owner, name), 'utf8'),
        ]),
      ),
    )
  writeSecrets(folder, 'compose')
  return { folder, read }
}

test('each service gets its own secret, and its own user at MongoDB and RabbitMQ', () => {
  const secrets = made().read()
  const master = secrets['auth-service/SERVICE_MASTER_SECRET'] ?? ''
  expect(secrets['wallet-service/SERVICE_CLIENT_SECRET']).toBe(serviceSecretOf(master, 'wallet-service'))
  expect(secrets['wallet-service/MONGODB_URI']).toMatch(
    /^mongodb:\/\/wallet-service:[\w-]+@mongodb-1,mongodb-2,mongodb-3\/\?replicaSet=mongodb&authSource=countinghouse_wallet$/,
  )
  expect(secrets['wallet-service/RABBITMQ_URL']).toMatch(
    /^amqp:\/\/countinghouse\.wallet-service:[\w-]+@broker:5672\/countinghouse$/,
  )
})

test('nobody but auth-service and the set-up knows the master secret, and no two services share a password', () => {
  const secrets = made().read()
  const master = secrets['auth-service/SERVICE_MASTER_SECRET']
  const holders = Object.entries(secrets).filter(([, text]) => text === master)
  expect(holders.map(([name]) => name)).toEqual(['auth-service/SERVICE_MASTER_SECRET', 'setup/SERVICE_MASTER_SECRET'])
  const own = Object.entries(secrets).filter(([name]) => /(MONGODB_URI|RABBITMQ_URL|CLIENT_SECRET)$/.test(name))
  expect(new Set(own.map(([, text]) => text)).size).toBe(own.length)
  expect(Object.keys(secrets).filter((name) => name.startsWith('gateway/'))).toEqual([
    'gateway/REDIS_URL',
    'gateway/SERVICE_CLIENT_SECRET',
  ])
})

test('what was drawn once stays, and what follows from a changed root follows it', () => {
  const { folder, read } = made()
  const before = read()
  writeSecrets(folder, 'compose')
  expect(read()).toEqual(before)
  const root = join(folder, 'auth-service/SERVICE_MASTER_SECRET')
  rmSync(root)
  writeFileSync(root, 'n'.repeat(40))
  writeSecrets(folder, 'compose')
  expect(read()).toMatchObject({
    'auth-service/ENCRYPTION_KEYS': before['auth-service/ENCRYPTION_KEYS'],
    'loan-service/SERVICE_CLIENT_SECRET': serviceSecretOf('n'.repeat(40), 'loan-service'),
  })
})

test('the folder is closed to others', () => {
  expect((statSync(made().folder).mode & 0o777).toString(8)).toBe('700')
})
