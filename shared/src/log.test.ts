import { expect, test } from '@jest/globals'
import { runInContext } from './context.js'
import { createLog, maskUrl } from './log.js'

const written = (write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> => {
  let line = ''
  write(createLog('wallet-service', 'info', { write: (text) => (line = text) }))
  return JSON.parse(line) as Record<string, unknown>
}

test('every line of a piece of work carries its request, its trace and who acts', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const context = { requestId: 'r-1', traceparent, actor: 'user:ann', correlationId: 'r-1' }
  const line = written((log) => {
    runInContext(context, () => {
      log.info('Moved')
    })
  })
  expect(line).toMatchObject({
    service: 'wallet-service',
    request_id: 'r-1',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    actor: 'user:ann',
    level: 'info',
  })
})

test('secrets are masked wherever they stand', () => {
  const line = written((log) => {
    log.info({ password: 'p1', body: { access_token: 'p2' }, request: { headers: { authorization: 'p3' } } }, 'Login')
  })
  expect(JSON.stringify(line)).not.toMatch(/p[123]/)
})

test('a URL is logged without its password', () => {
  expect(maskUrl('amqp://wallet:s3cret@host:5672/ch')).toBe('amqp://wallet:***@host:5672/ch')
  expect(maskUrl('mongodb://127.0.0.1:27017')).toBe('mongodb://127.0.0.1:27017')
})
