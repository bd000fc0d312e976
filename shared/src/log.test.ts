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

test.each<[string, object]>([
  ['a list', { users: [{ token: 'hidden!' }, { cards: [{ card_number: 'hidden!' }] }] }],
  ['an error', { err: Object.assign(new Error('No'), { config: { headers: { authorization: 'hidden!' } } }) }],
  [
    'the cause of an error',
    { err: new Error('No', { cause: Object.assign(new Error('Why'), { secret: 'hidden!' }) }) },
  ],
  ['an object that writes itself', { user: { toJSON: () => ({ name: 'ann', api_key: 'hidden!' }) } }],
  ['a secret that is not a text', { cookie: ['hidden!'], secret: { a: 'hidden!' } }],
])('a secret in %s is masked', (_where, fields) => {
  const line = written((log) => {
    log.info(fields, 'Line')
  })
  expect(JSON.stringify(line)).not.toContain('hidden!')
})

test('a secret that a logger carries from line to line is masked', () => {
  const line = written((log) => {
    log.child({ token: 'hidden!', request: { cookie: 'hidden!' } }).info('Line')
  })
  expect(line).toMatchObject({ token: '***', request: { cookie: '***' }, service: 'wallet-service' })
})

test('what is logged is not changed by it, and what is no secret is written as it is', () => {
  const fields = { body: { password: 'mine', at: new Date(0), sizes: [1, 2], nothing: null } }
  const line = written((log) => {
    log.info(fields, 'Line')
  })
  expect(fields.body.password).toBe('mine')
  expect(line['body']).toEqual({ password: '***', at: '1970-01-01T00:00:00.000Z', sizes: [1, 2], nothing: null })
})

test('an error is written with its type, message and stack', () => {
  const line = written((log) => {
    log.error({ err: new TypeError('No such thing') }, 'Failed')
  })
  expect(line['err']).toMatchObject({ type: 'TypeError', message: 'No such thing' })
  expect(line['err']).toHaveProperty('stack')
})

test('a URL is logged without its password', () => {
  expect(maskUrl('amqp://wallet:s3cret@host:5672/ch')).toBe('amqp://wallet:***@host:5672/ch')
  expect(maskUrl('mongodb://127.0.0.1:27017')).toBe('mongodb://127.0.0.1:27017')
})
