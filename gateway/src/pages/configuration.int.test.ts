import { expect, test } from '@jest/globals'
import request from 'supertest'
import { startTestGateway } from '../testing/gateway.js'

test('anyone may read the limits, the currencies and the version, and no secret', async () => {
  const gateway = await startTestGateway({ RATE_LIMIT_PER_MINUTE: 7, REDIS_URL: 'redis://:hush@127.0.0.1:1' })
  const { status, body } = await request(gateway.url).get('/api/v1/config/')
  await gateway.stop()
  expect(status).toBe(200)
  expect(body).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    default_currency: 'USD',
    limits: { rate: { enabled: false, per_minute: 7 }, body_max_bytes: 1_048_576, page_size_max: 100 },
  })
  expect(body.currencies).toContainEqual({ code: 'JPY', decimals: 0 })
  expect(body.currencies).toContainEqual({ code: 'KWD', decimals: 3 })
  expect(JSON.stringify(body)).not.toMatch(/hush|redis|secret|http/i)
})
