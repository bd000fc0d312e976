import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { connect } from 'amqplib'
import { z } from 'zod'
import type { ServiceSettings } from '../config.js'
import { deadLetterSettled } from '../contracts/ops.js'
import { userRegistered } from '../contracts/auth.js'
import { on } from '../messaging/delivery.js'
import { EVENTS_EXCHANGE } from '../messaging/topology.js'
import type { ServiceDefinition } from '../service.js'
import { announced, registrationOf } from '../testing/events.js'
import { eventually } from '../testing/eventually.js'
import { publishEvent } from '../testing/publish.js'
import { startTestService, type TestService } from '../testing/service.js'

const handled: string[] = []
let mended = false

const failing: ServiceDefinition<ServiceSettings> = {
  name: 'wallet-service',
  readSettings: () => {
    throw new Error('not read here')
  },
  migrations: [],
  refusals: { not_yet: { status: 409, sentence: 'Not yet' } },
  build: () => ({
    endpoints: [],
    consumers: {
      'wallet.user-events': [
        on(userRegistered, async ({ event }) => {
          if (!mended) throw new (await import('../refusal.js')).Refusal('not_yet', 409, 'Not yet')
          handled.push(event.subject)
        }),
      ],
    },
    sagas: [
      {
        name: 'errand',
        states: async () => ({ done: 3, waiting: 0 }),
        stuck: async () => [{ id: 'e1', state: 'waiting', since: new Date(0), reason: 'nobody answers' }],
      },
    ],
    shown: { moon: async () => 'full' },
  }),
}

let service: TestService
beforeAll(async () => {
  service = await startTestService(failing)
})
afterAll(() => service.close())

const Letter = z.object({
  id: z.string(),
  status: z.string(),
  times: z.number(),
  reason: z.string(),
  event: z.unknown(),
})
const call = async (method: string, path: string, role: 'admin' | 'staff' = 'admin') => {
  const response = await fetch(`${service.url}/ops/wallet/${path}`, {
    method,
    headers: { authorization: `Bearer ${service.tokens.userToken(role)}`, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify({ note: 'seen' }) }),
  })
  return { status: response.status, body: await response.json() }
}
const waitingLetters = async () => z.array(Letter).parse((await call('GET', 'dead-letters')).body)
const letterOf = (userId: string) =>
  eventually(async () => {
    const found = (await waitingLetters()).find(({ event }) => JSON.stringify(event).includes(userId))
    if (!found) throw new Error('no such letter yet')
    return found
  })

test('a message that cannot be handled is kept with its reason; redriven when the cause is mended, it takes effect', async () => {
  await publishEvent(service.rabbitmqUrl, registrationOf('u1'))
  const letter = await letterOf('u1')
  expect(letter).toMatchObject({ status: 'waiting', times: 1, reason: 'Refusal: Not yet' })
  mended = true
  const redriven = await call('POST', `dead-letters/${letter.id}/redrive`)
  expect(redriven).toMatchObject({ status: 200, body: { status: 'redriven', note: 'seen' } })
  await eventually(() => expect(handled).toEqual(['u1']), 15_000)
  mended = false
  expect((await call('POST', `dead-letters/${letter.id}/discard`)).body).toMatchObject({ code: 'dead_letter_settled' })
  const [event] = await announced(service.db, deadLetterSettled)
  expect(event).toMatchObject({ source: 'wallet-service', data: { dead_letter_id: letter.id, status: 'redriven' } })
  expect(event?.actor).toMatch(/^user:/)
})

test('what is no event of ours is kept too, and can be put away', async () => {
  const connection = await connect(service.rabbitmqUrl)
  const channel = await connection.createConfirmChannel()
  channel.publish(EVENTS_EXCHANGE, userRegistered.routingKey, Buffer.from('garbage'))
  await channel.waitForConfirms()
  await connection.close()
  const letter = await eventually(async () => {
    const found = (await waitingLetters()).find(({ event }) => event === 'garbage')
    if (!found) throw new Error('no such letter yet')
    return found
  })
  expect((await call('POST', `dead-letters/${letter.id}/discard`)).body).toMatchObject({ status: 'discarded' })
  expect(await waitingLetters()).toEqual([])
  expect((await call('POST', 'dead-letters/none/redrive')).body).toMatchObject({ code: 'dead_letter_not_found' })
})

test('the desk shows what is unsent, stuck and dead, to administrators alone', async () => {
  const { body } = await call('GET', 'status')
  expect(body).toMatchObject({
    ...{ service: 'wallet-service', dead_letters: {}, mails_waiting: 0 },
    ...{ sagas: { errand: { done: 3, waiting: 0 } }, shown: { moon: 'full' } },
  })
  expect((await call('GET', 'stuck')).body).toEqual({
    stuck: [
      { saga: 'errand', id: 'e1', state: 'waiting', since: '1970-01-01T00:00:00.000Z', reason: 'nobody answers' },
    ],
  })
  expect((await call('GET', 'status', 'staff')).status).toBe(403)
})
