import { expect, test } from '@jest/globals'
import { tellStory } from '@countinghouse/scripts/demo/story'
import { tellTopUp } from '@countinghouse/scripts/demo/topUp'
import { becomes, type TestSystem } from './system.js'

/** What the whole is for, in a system in which nobody has done anything yet. */
export const mainFlow = (system: () => TestSystem): void => {
  // First, because every other test adds to the report.
  test('a new system shows the portfolio of the examples, and has paid out the loans of those who have a wallet', async () => {
    const token = await system().adminToken()
    const shown = await becomes(() => system().api.get('/reports/portfolio', { token }), {
      ...{ total: 15, avg_risk_score: 0.45, sum_amount: 487_000 },
      by_status: { PENDING: 5, APPROVED: 6, REJECTED: 4 },
      by_lifecycle: { APPLIED: 5, APPROVED: 4, ACTIVE: 2, CLOSED: 0, REJECTED: 4, WITHDRAWN: 0, WRITTEN_OFF: 0 },
    })
    expect(shown).toMatchObject({ currency: 'USD' })
  })

  test('a customer registers, applies, is approved and paid, and the report shows it; then they pay in by card', async () => {
    const facts: string[] = []
    const story = {
      api: system().client,
      quiet: system().client,
      admin: { email: 'admin@loanapp.com', password: 'admin123' },
      chapter: () => undefined,
      fact: (sentence: string) => facts.push(sentence),
    }
    await tellTopUp(story, await tellStory(story))
    expect(facts).toHaveLength(13)
  })

  test.each([
    'admin@loanapp.com',
    'staff@countinghouse.test',
    'viewer@countinghouse.test',
    'vendor@countinghouse.test',
    'customer@countinghouse.test',
  ])('the sample login %s works, and tells its role', async (email) => {
    const password = email.startsWith('admin') ? 'admin123' : `${email.split('@')[0] ?? ''}123`
    const token = await system().login(email, password)
    const me = await system().api.get('/auth/me', { token })
    expect(me).toMatchObject({ status: 200, body: { email, role: email.split('@')[0] } })
  })

  test('a token that ran out does not stand in the way of a new login', async () => {
    const body = { email: 'admin@loanapp.com', password: 'admin123' }
    expect((await system().api.post('/auth/login', { token: 'long.run.out', body })).status).toBe(200)
    expect((await system().api.get('/auth/me', { token: 'long.run.out' })).status).toBe(401)
  })

  test('every service is healthy, ready and measured on its internal port, and the gateway says so in public', async () => {
    expect((await system().api.get('/healthz')).body).toEqual({ status: 'ok' })
    for (const { metricsPort } of Object.values(system().ports)) {
      const internal = (path: string) => fetch(`http://127.0.0.1:${metricsPort.toString()}${path}`)
      expect((await internal('/healthz')).status).toBe(200)
      expect(await (await internal('/readyz')).json()).toEqual({ status: 'ready', waiting_for: [] })
      expect(await (await internal('/metrics')).text()).toContain('nodejs_eventloop_lag_p99_seconds')
    }
    expect((await system().api.get('/metrics')).status).toBe(404)
  })

  test('the merged document names the routes of every service, and every reference in it resolves', async () => {
    const { body } = await system().api.get('/openapi.json')
    const { openapi, paths, components } = body as { openapi: string; paths: object; components: { schemas: object } }
    expect(openapi).toBe('3.1.0')
    for (const path of ['/auth/login', '/wallet', '/loans/apply', '/items', '/reports/portfolio'])
      expect(Object.keys(paths)).toContain(`/api/v1${path}`)
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    )
    for (const name of new Set(references)) expect(Object.keys(components.schemas)).toContain(name)
  })
}
