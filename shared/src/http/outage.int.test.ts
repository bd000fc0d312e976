import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { readsOn } from '../mongo/transaction.js'
import { outbox } from '../messaging/outbox.js'
import type { ServiceDefinition } from '../service.js'
import type { ServiceSettings } from '../config.js'
import { forward } from '../testing/forward.js'
import { testServers } from '../testing/servers.js'
import { freePort, startTestService, type TestService } from '../testing/service.js'
import { endpoint } from './endpoint.js'

const counting: ServiceDefinition<ServiceSettings> = {
  name: 'counting-service',
  readSettings: () => {
    throw new Error('not read here')
  },
  migrations: [],
  refusals: {},
  build: ({ db }) => ({
    endpoints: [
      endpoint({
        method: 'get',
        path: '/count',
        summary: 'Count',
        tag: 'Test',
        access: 'public',
        view: z.object({ count: z.number() }),
        handle: async () => ({ count: await readsOn(db).count(outbox, {}) }),
      }),
    ],
  }),
}

let service: TestService
let cutOff: () => Promise<void>
let reconnect: () => Promise<void>
beforeAll(async () => {
  const real = new URL(testServers().mongodbUri)
  const detour = new URL(testServers().mongodbUri)
  detour.port = (await freePort()).toString()
  const open = () => forward(Number(detour.port), Number(real.port))
  cutOff = await open()
  reconnect = async () => {
    cutOff = await open()
  }
  service = await startTestService(counting, { MONGODB_URI: detour.href })
})
afterAll(async () => {
  await service.close()
  await cutOff()
})

test('while MongoDB is away a request is told to come again, and when it is back it is served', async () => {
  const ask = () => fetch(`${service.url}/count`)
  expect((await ask()).status).toBe(200)
  await cutOff()
  const away = await ask()
  expect(away.status).toBe(503)
  expect(away.headers.get('retry-after')).toBe('1')
  expect(await away.json()).toMatchObject({ code: 'dependency_unavailable', dependency: 'MongoDB' })
  await reconnect()
  expect((await ask()).status).toBe(200)
})
