import { afterAll, beforeAll, expect, test } from '@jest/globals'
import request from 'supertest'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startTestGateway()
})
afterAll(() => gateway.stop())

const get = (path: string) => request(gateway.url).get(path)

test.each(['/healthz', '/healthz/', '/api/v1/healthz'])('%s tells that the gateway is alive', async (path) => {
  const answer = await get(path)
  expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }])
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
})

test('it is ready once the keys are known, and says so on its public port too', async () => {
  const answer = await get('/readyz')
  expect([answer.status, answer.body]).toEqual([200, { status: 'ready', waiting_for: [] }])
})

test('its root leads on', async () => {
  const { body } = await get('/')
  expect(body).toMatchObject({ docs: '/docs', openapi: '/openapi.json' })
  for (const path of [body.docs, body.openapi, body.health]) expect((await get(path)).status).toBe(200)
})

test.each(['/swagger', '/swagger/', '/docs', '/docs/', '/api/v1/docs'])(
  '%s is the API page, and no redirect',
  async (path) => {
    const answer = await get(path)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toContain('<div id="swagger-ui"></div>')
  },
)

test('the API page works offline: it asks this address alone, and the browser is told to allow no more', async () => {
  const page = await get('/docs')
  const urls = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url ?? '')
  expect(urls).toHaveLength(4)
  for (const url of urls) {
    expect(url).toMatch(/^\/docs\//)
    const file = await get(url)
    expect([url, file.status]).toEqual([url, 200])
    expect(file.headers['x-content-type-options']).toBe('nosniff')
    expect(file.headers['content-type']).toMatch(/javascript|css|png/)
  }
  expect((await get('/docs/start.js')).text).not.toMatch(/https?:/)
  const policy = page.headers['content-security-policy']
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).not.toMatch(/https?:|\*/)
})

test('only the files of the page are served', async () => {
  for (const path of [
    '/docs/package.json',
    '/docs/../package.json',
    '/docs/%2e%2e/package.json',
    '/swagger/x',
    '/docs/index.html',
  ]) {
    const answer = await get(path)
    expect([path, answer.status]).toEqual([path, 404])
    expect(answer.body).toMatchObject({ code: 'route_not_found', instance: path })
  }
})

test('the document names who is away', async () => {
  const answer = await get('/openapi.json')
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.body['x-unavailable']).toContain('loan-service')
  expect(answer.body.paths['/healthz'].get.operationId).toBe('getHealthz')
})

test('the metrics are not for the public port', async () => {
  for (const path of ['/metrics', '/api/v1/metrics', '/metrics/']) expect((await get(path)).status).toBe(404)
})

test('what the gateway answers itself is for reading', async () => {
  const answer = await request(gateway.url).post('/healthz').send({})
  expect(answer.status).toBe(405)
  expect(answer.headers['allow']).toBe('GET, HEAD')
  expect(answer.body).toMatchObject({ code: 'method_not_allowed', instance: '/healthz' })
  expect((await request(gateway.url).head('/healthz')).status).toBe(200)
})
