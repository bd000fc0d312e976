import { expect, test } from '@jest/globals'
import { parseSettings } from '@countinghouse/shared/config'
import { loanSettings } from './config.js'

const environment = {
  ...{ PORT: '3003', METRICS_PORT: '3103', REDIS_URL: 'redis://localhost', AUTH_URL: 'http://localhost:3001' },
  WALLET_URL: 'http://localhost:3002',
  SERVICE_CLIENT_SECRET: 'x'.repeat(32),
  ...{ MONGODB_URI: 'mongodb://localhost', MONGODB_DATABASE: 'loan', RABBITMQ_URL: 'amqp://localhost' },
}
const read = (more: Record<string, string> = {}) => parseSettings(loanSettings, { ...environment, ...more })

test('the limits have the house’s own figures unless they are set', () => {
  expect(read()).toMatchObject({
    LOAN_MAX_AMOUNT: 1_000_000n,
    LOAN_MAX_TERM_MONTHS: 360,
    LOAN_MAX_OPEN: 3,
    LOAN_UNASSESSED_MAX: 5_000n,
    RISK_REJECT_THRESHOLD: 0.75,
  })
  expect(read({ LOAN_MAX_AMOUNT: '50000', RISK_REJECT_THRESHOLD: '0.6' })).toMatchObject({
    LOAN_MAX_AMOUNT: 50_000n,
    RISK_REJECT_THRESHOLD: 0.6,
  })
})

test('the risk limit may be stricter than 0.75, never laxer', () => {
  for (const RISK_REJECT_THRESHOLD of ['0.7501', '1', '0', '-1', 'none'])
    expect(() => read({ RISK_REJECT_THRESHOLD })).toThrow('RISK_REJECT_THRESHOLD: ')
})

test('limits that are no limits are named together', () => {
  const wrong = () =>
    read({ LOAN_MAX_AMOUNT: 'much', LOAN_MAX_TERM_MONTHS: '0', LOAN_MAX_OPEN: '1.5', LOAN_UNASSESSED_MAX: '-1' })
  for (const name of ['LOAN_MAX_AMOUNT', 'LOAN_MAX_TERM_MONTHS', 'LOAN_MAX_OPEN', 'LOAN_UNASSESSED_MAX'])
    expect(wrong).toThrow(name)
})
