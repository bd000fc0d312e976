import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { type SettingsError, parseSettings, serviceSettings, wantsSampleData } from './config.js'

const complete = {
  PORT: '3001',
  METRICS_PORT: '3101',
  REDIS_URL: 'redis://127.0.0.1:6379',
  AUTH_URL: 'http://127.0.0.1:3001',
  SERVICE_CLIENT_SECRET: 'x'.repeat(32),
  MONGODB_URI: 'mongodb://127.0.0.1:27017',
  MONGODB_DATABASE: 'countinghouse_wallet',
  RABBITMQ_URL: 'amqp://127.0.0.1:5672/countinghouse',
}

test('settings are parsed once, with defaults, and frozen', () => {
  const settings = parseSettings(serviceSettings, { ...complete, LOG_LEVEL: '' })
  expect(settings).toMatchObject({ PORT: 3001, NODE_ENV: 'development', LOG_LEVEL: 'info', DEFAULT_CURRENCY: 'USD' })
  expect(Object.isFrozen(settings)).toBe(true)
})

test('the business may say where it is by any name of its time zone', () => {
  const settings = parseSettings(serviceSettings, { ...complete, BUSINESS_TIMEZONE: 'Asia/Kolkata' })
  expect(settings.BUSINESS_TIMEZONE).toBe('Asia/Kolkata')
})

test('all that is wrong is named at once', () => {
  const wrong = {
    ...complete,
    PORT: '70000',
    MONGODB_URI: 'postgres://x',
    REDIS_URL: undefined,
    BUSINESS_TIMEZONE: 'Mars/Base',
  }
  const problems = problemsOf(wrong)
  expect(problems.map((problem) => problem.split(/[ :]/)[0] ?? '').toSorted()).toEqual([
    'BUSINESS_TIMEZONE',
    'MONGODB_URI',
    'PORT',
    'REDIS_URL',
  ])
  expect(problems).toContain('REDIS_URL is missing')
})

test('a secret may be in a file that its name with _FILE names; a value that is given wins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'))
  const file = join(folder, 'uri')
  writeFileSync(file, 'mongodb://user:secret@mongodb-1/countinghouse_wallet\n')
  const { MONGODB_URI, ...others } = complete
  const read = (environment: NodeJS.ProcessEnv) => parseSettings(serviceSettings, environment).MONGODB_URI
  expect(read({ ...others, MONGODB_URI_FILE: file })).toBe('mongodb://user:secret@mongodb-1/countinghouse_wallet')
  expect(read({ ...others, MONGODB_URI: '', MONGODB_URI_FILE: file })).toContain('mongodb-1')
  expect(read({ ...complete, MONGODB_URI_FILE: file })).toBe(MONGODB_URI)
})

test('a secret whose file cannot be read is named with the file, beside all else that is wrong', () => {
  const { REDIS_URL: _, ...others } = complete
  const problems = problemsOf({ ...others, REDIS_URL_FILE: '/nowhere/redis', PORT: '70000' })
  expect(problems[0]).toMatch(/^REDIS_URL_FILE: .*ENOENT.*\/nowhere\/redis/)
  expect(problems.map((problem) => problem.split(/[ :]/)[0])).toEqual(['REDIS_URL_FILE', 'PORT', 'REDIS_URL'])
})

const problemsOf = (environment: NodeJS.ProcessEnv): readonly string[] => {
  try {
    parseSettings(serviceSettings, environment)
  } catch (error) {
    return (error as SettingsError).problems
  }
  return []
}

test('sample data is never loaded in production', () => {
  expect(wantsSampleData({ NODE_ENV: 'production', SAMPLE_DATA: 'on' })).toBe(false)
  expect(wantsSampleData({ NODE_ENV: 'development' })).toBe(true)
  expect(wantsSampleData({ NODE_ENV: 'development', SAMPLE_DATA: 'off' })).toBe(false)
})
