import { expect, test } from '@jest/globals'
import { type SettingsError, parseSettings, serviceSettings, wantsSampleData } from './config.js'

const complete = {
  PORT: '3001',
  METRICS_PORT: '3101',
  REDIS_URL: 'redis://127.0.0.1:6379',
  AUTH_URL: 'http://127.0.0.1:3001',
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
  const problems = (() => {
    try {
      parseSettings(serviceSettings, wrong)
    } catch (error) {
      return (error as SettingsError).problems
    }
    return []
  })()
  expect(problems.map((problem) => problem.split(/[ :]/)[0] ?? '').toSorted()).toEqual([
    'BUSINESS_TIMEZONE',
    'MONGODB_URI',
    'PORT',
    'REDIS_URL',
  ])
  expect(problems).toContain('REDIS_URL is missing')
})

test('sample data is never loaded in production', () => {
  expect(wantsSampleData({ NODE_ENV: 'production', SAMPLE_DATA: 'on' })).toBe(false)
  expect(wantsSampleData({ NODE_ENV: 'development' })).toBe(true)
  expect(wantsSampleData({ NODE_ENV: 'development', SAMPLE_DATA: 'off' })).toBe(false)
})
