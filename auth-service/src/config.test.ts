import { describe, expect, test } from '@jest/globals'
import { type SettingsError, parseSettings } from '@countinghouse/shared/config'
import { authSettings } from './config.js'

const environment = {
  ...{ PORT: '3001', METRICS_PORT: '3101', REDIS_URL: 'redis://localhost', AUTH_URL: 'http://localhost:3001' },
  ...{ MONGODB_URI: 'mongodb://localhost', MONGODB_DATABASE: 'auth', RABBITMQ_URL: 'amqp://localhost' },
  ...{ SERVICE_CLIENT_SECRET: 'x'.repeat(32), SERVICE_MASTER_SECRET: 'y'.repeat(32) },
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
}
const read = (more: Record<string, string>) => parseSettings(authSettings, { ...environment, ...more })

describe('the life of an access token is given as people say it', () => {
  test.each([
    ['90s', 90],
    ['15m', 900],
    ['1h', 3600],
    ['30d', 2_592_000],
    ['', 3600],
  ])('%s', (JWT_ACCESS_TTL, seconds) => expect(read({ JWT_ACCESS_TTL }).JWT_ACCESS_TTL).toBe(seconds))

  test.each(['1', 'h', '0h', '-1h', '1.5h', '1 h', '1w', '1h30m'])('%s is refused', (JWT_ACCESS_TTL) => {
    expect(() => read({ JWT_ACCESS_TTL })).toThrow('JWT_ACCESS_TTL: must be a time such as')
  })
})

test('a session rests for 30 days unless told otherwise', () => {
  expect(read({}).JWT_REFRESH_TTL).toBe(2_592_000)
  expect(read({ JWT_REFRESH_TTL: '12h' }).JWT_REFRESH_TTL).toBe(43_200)
})

test('keys that cannot encrypt are named together with every other problem', () => {
  const problemsOf = (more: Record<string, string>) => {
    try {
      return read(more)
    } catch (error) {
      return (error as SettingsError).problems
    }
  }
  expect(problemsOf({ ENCRYPTION_KEYS: 'secret', PORT: '' })).toEqual([
    'PORT is missing',
    'ENCRYPTION_KEYS: key 1 must look like k1:<base64 of 32 random bytes>',
  ])
  expect(problemsOf({ ENCRYPTION_KEYS: '' })).toEqual(['ENCRYPTION_KEYS is missing'])
})
