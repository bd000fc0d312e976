import { expect, test } from '@jest/globals'
import { SettingsError } from '@countinghouse/shared/config'
import { readSettings } from './config.js'

const urls = {
  AUTH_URL: 'http://127.0.0.1:3001/',
  WALLET_URL: 'http://127.0.0.1:3002',
  LOAN_URL: 'http://loan',
  INVENTORY_URL: 'https://inventory.internal',
  REPORTING_URL: 'http://[::1]:3005',
}
const others = {
  METRICS_PORT: '9000',
  REDIS_URL: 'redis://127.0.0.1',
  SERVICE_CLIENT_SECRET: 'x'.repeat(32),
}

const problemsOf = (environment: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readSettings(environment)
    return []
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
}

test('the gateway listens on port 3000 unless told otherwise', () => {
  expect(readSettings({ ...urls, ...others }).PORT).toBe(3000)
  expect(readSettings({ ...urls, ...others, PORT: '8080' }).PORT).toBe(8080)
})

test('a slash at the end of an address does not matter', () => {
  expect(readSettings({ ...urls, ...others }).AUTH_URL).toBe('http://127.0.0.1:3001')
})

test('all that is wrong is named at once', () => {
  const problems = problemsOf({
    ...others,
    ...urls,
    LOAN_URL: 'http://loan/api',
    AUTH_URL: '',
    WALLET_URL: 'ftp://wallet',
    PORT: '0',
  })
  expect(problems.map((problem) => problem.split(/[: ]/)[0]).sort()).toEqual([
    'AUTH_URL',
    'LOAN_URL',
    'PORT',
    'WALLET_URL',
  ])
})

test('pages of no other origin may call in production unless it is said, and in development those of this machine', () => {
  const read = (more: NodeJS.ProcessEnv) => readSettings({ ...urls, ...others, ...more }).CORS_ORIGINS
  expect(read({ NODE_ENV: 'production' })).toEqual([])
  expect(read({ NODE_ENV: 'development' })).toEqual(['http://localhost:3000'])
  expect(read({ CORS_ORIGINS: 'https://a.example, https://b.example/' })).toEqual([
    'https://a.example',
    'https://b.example',
  ])
})

test('the limits are those that were promised, and may be set', () => {
  expect(readSettings({ ...urls, ...others, RATE_LIMIT_USER_PER_DAY: '5' })).toMatchObject({
    RATE_LIMIT_PER_MINUTE: 100,
    RATE_LIMIT_ANON_PER_DAY: 100,
    RATE_LIMIT_USER_PER_DAY: 5,
  })
})

test('a certificate needs its key, and what is trusted has to be proxies', () => {
  expect(problemsOf({ ...others, ...urls, TLS_CERT_FILE: 'x' })[0]).toContain('TLS_KEY_FILE')
  expect(problemsOf({ ...others, ...urls, TRUST_PROXY: 'everyone' })[0]).toContain('TRUST_PROXY')
})
