import { describe, expect, test } from '@jest/globals'
import { portsFrom } from '../start/ports.js'
import { environmentOf, type Surroundings } from './environment.js'

const around: Surroundings = {
  servers: { mongodbUri: 'mongodb://one', rabbitmqUrl: 'amqp://one', redisUrl: 'redis://one' },
  ports: portsFrom('4000'),
  databasePrefix: 'countinghouse',
  environment: { SAMPLE_DATA: 'on' },
  serviceEnvironment: { 'loan-service': { FAULT_POINT: 'after-commit' } },
}

describe('the environment of a service', () => {
  test('names its own database', () => {
    expect(environmentOf('wallet-service', around)).toMatchObject({
      MONGODB_URI: 'mongodb://one',
      MONGODB_DATABASE: 'countinghouse_wallet',
      RABBITMQ_URL: 'amqp://one',
      AUTH_URL: 'http://127.0.0.1:4001',
      PORT: '4002',
      METRICS_PORT: '4102',
    })
  })

  test('names the broker under the service’s own user, where it has one', () => {
    const own = { ...around, brokerUrls: { 'loan-service': 'amqp://loan' } }
    expect(environmentOf('loan-service', own)).toHaveProperty('RABBITMQ_URL', 'amqp://loan')
    expect(environmentOf('wallet-service', own)).toHaveProperty('RABBITMQ_URL', 'amqp://one')
  })

  test('names what a service calls, and nothing else', () => {
    expect(environmentOf('loan-service', around)).toHaveProperty('WALLET_URL', 'http://127.0.0.1:4002')
    expect(environmentOf('wallet-service', around)).not.toHaveProperty('WALLET_URL')
  })

  test('gives the gateway its upstreams, and neither database nor broker', () => {
    const gateway = environmentOf('gateway', around)
    expect(gateway).toMatchObject({ LOAN_URL: 'http://127.0.0.1:4003', REPORTING_URL: 'http://127.0.0.1:4005' })
    for (const name of ['MONGODB_URI', 'MONGODB_DATABASE', 'RABBITMQ_URL']) expect(gateway).not.toHaveProperty(name)
  })

  test('gives a setting meant for one service to that one alone', () => {
    expect(environmentOf('loan-service', around)).toHaveProperty('FAULT_POINT', 'after-commit')
    expect(environmentOf('wallet-service', around)).not.toHaveProperty('FAULT_POINT')
  })
})
