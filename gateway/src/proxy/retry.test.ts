import { expect, test } from '@jest/globals'
import { PassThrough } from 'node:stream'
import { createBudget, mayRepeat, type Failed } from './retry.js'

const failed = (change: Partial<Failed> = {}, code = 'ECONNRESET') =>
  mayRepeat({ method: 'GET', hasKey: false, body: null, error: Object.assign(new Error(code), { code }), ...change })

test.each(['GET', 'HEAD', 'PUT', 'DELETE'])('a %s that broke off is sent once more', (method) => {
  expect(failed({ method })).toBe(true)
  expect(failed({ method, body: Buffer.from('{}') }, 'UND_ERR_SOCKET')).toBe(true)
})

test.each(['POST', 'PATCH'])('a %s that broke off may have had its effect, unless its key makes it one', (method) => {
  expect(failed({ method, body: Buffer.from('{}') })).toBe(false)
  expect(failed({ method, body: Buffer.from('{}'), hasKey: true })).toBe(true)
})

test('what never arrived may be sent again, whatever it is', () => {
  expect(failed({ method: 'POST', body: Buffer.from('{}') }, 'ECONNREFUSED')).toBe(true)
})

test('a body that streams is gone', () => {
  expect(failed({ body: new PassThrough() }, 'ECONNREFUSED')).toBe(false)
})

test('what took too long is not asked again', () => {
  expect(failed({}, 'UND_ERR_HEADERS_TIMEOUT')).toBe(false)
  expect(failed({}, 'EOPENBREAKER')).toBe(false)
})

test('there are ten retries at once, and then one for each ten requests', () => {
  const budget = createBudget()
  const spent = () => Array.from({ length: 20 }, budget.spend).filter(Boolean).length
  expect(spent()).toBe(10)
  for (let count = 0; count < 31; count += 1) budget.pay()
  expect(spent()).toBe(3)
})
