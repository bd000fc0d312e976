import { afterAll, beforeAll, describe } from '@jest/globals'
import type { House } from './house.js'
import { rule } from './rule.js'

const READY_WITHIN_MS = 30_000
// What watches the gateway has to get through when nothing else does.
const HEALTH = /^GET \/(healthz|readyz)$/

/** Lets a gateway that grants one request a minute take the place of the one that counts nothing. */
export const limitRules = (house: () => House): void => {
  const restartGateway = async (environment: Record<string, string>) => {
    const { processes } = house().system
    await processes.stop('gateway')
    await processes.start('gateway', environment)
    await processes.waitUntilReady(READY_WITHIN_MS)
  }
  describe('who asks more often than the limit allows', () => {
    beforeAll(async () => {
      await restartGateway({ RATE_LIMIT_ENABLED: 'on', RATE_LIMIT_PER_MINUTE: '1' })
      const { system, tokens } = house()
      await Promise.all([undefined, tokens.customer].map((token) => system.api.get('/config', token ? { token } : {})))
      await system.api.get('/wallet', { token: tokens.customer })
    })
    afterAll(() => restartGateway({}))

    rule('on any route: 429, and when to come again', house, (operation, { tokens }) => {
      if (HEALTH.test(operation.name)) return []
      const token = Array.isArray(operation['x-access']) ? tokens.customer : undefined
      const complaint = ({ status, headers }: { status: number; headers: Headers }) =>
        (status !== 429 && 'expected 429') || (!(Number(headers.get('retry-after')) > 0) && 'no Retry-After')
      return [{ operation, token, complaint }]
    })
  })
}
