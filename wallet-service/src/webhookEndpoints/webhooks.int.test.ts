import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { walletFrozen } from '@countinghouse/shared/contracts/wallet'
import { mails } from '@countinghouse/shared/mail/outbox'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { native, readsOn } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { emailOf } from '@countinghouse/shared/testing/tokens'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { userClient } from '../testing/client.js'
import { webhookDeliveries, webhookEndpoints } from './store.js'

type Heard = { path: string; headers: IncomingHttpHeaders; body: string }

let service: TestService
let listener: Server
let base: string
const heard: Heard[] = []
/** What the other side answers, by path. */
const answers = new Map<string, number>()
beforeAll(async () => {
  listener = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      heard.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(answers.get(path) ?? 200, { location: `${base}/elsewhere` }).end('heard')
    })
  }).listen(0, '127.0.0.1')
  service = await startTestService(walletService, { WEBHOOKS_TO_LOOPBACK: 'on' })
  base = `http://127.0.0.1:${(listener.address() as AddressInfo).port.toString()}`
})
afterAll(async () => {
  await service.close()
  listener.closeAllConnections()
  listener.close()
})

type Endpoint = { id: string; secret: string; status: string }
type Delivery = {
  id: string
  type: string
  status: string
  attempts: { status: number | null; error: string | null }[]
}

/** Somebody who wants to hear of events. */
const subscriber = async (more: object = {}) => {
  const userId = uuidv7()
  const path = `/hooks/${userId}`
  const api = userClient(service, 'customer', userId)
  const { status, body } = await api.send('post', '/webhook-endpoints', { url: base + path, ...more })
  expect([status, body]).toEqual([201, body])
  const endpoint = body as Endpoint
  return {
    ...{ userId, path, api, endpoint },
    heard: () => heard.filter((one) => one.path === path),
    deliveries: async () => (await api.get(`/webhook-endpoints/${endpoint.id}/deliveries`)).body as Delivery[],
  }
}
const eventOf = (userId: string) =>
  newEvent(walletFrozen, 'w', { wallet_id: 'w', user_id: userId, reason: 'Court order', changed_at: '2026-11-21T09:30:00.000Z' }) // prettier-ignore

const isSignedBy = (secret: string, { headers, body }: Heard): boolean => {
  const [time = '', ...signatures] = String(headers['countinghouse-signature']).split(',')
  const expected = createHmac('sha256', secret)
    .update(`${time.slice(2)}.${body}`)
    .digest('hex')
  return signatures.includes(`v1=${expected}`) && Math.abs(Number(time.slice(2)) - Date.now() / 1_000) < 300
}

test('an event reaches its user’s endpoint once, signed, however often the broker delivers it; others hear nothing of it', async () => {
  const [ann, ben] = [await subscriber(), await subscriber()]
  await publishEvent(service.rabbitmqUrl, eventOf(ann.userId), 5)
  await eventually(() => expect(ann.heard()).toHaveLength(1))
  const [one] = ann.heard()
  if (!one) throw new Error('Nothing was heard')
  expect(JSON.parse(one.body)).toMatchObject({
    type: 'wallet.frozen',
    data: { user_id: ann.userId, reason: 'Court order' },
  })
  expect(one.headers['countinghouse-event']).toBe('wallet.frozen')
  expect([isSignedBy(ann.endpoint.secret, one), isSignedBy(ben.endpoint.secret, one)]).toEqual([true, false])
  expect(isSignedBy(ann.endpoint.secret, { ...one, body: one.body.replace('Court', 'No') })).toBe(false)
  await eventually(async () => expect(await ann.deliveries()).toMatchObject([{ type: 'wallet.frozen', status: 'delivered', attempts: [{ status: 200 }] }])) // prettier-ignore
  expect(ben.heard()).toEqual([])
})

test('an endpoint hears of what it asked for; one of the house hears of everybody', async () => {
  const payments = await subscriber({ events: ['payment.*', 'wallet.debited'] })
  const admin = userClient(service, 'admin')
  const house = (await admin.send('post', '/webhook-endpoints', { url: `${base}/house`, events: ['wallet.frozen'] }))
    .body as Endpoint
  await publishEvent(service.rabbitmqUrl, eventOf(payments.userId))
  await eventually(() => expect(heard.filter(({ path, body }) => path === '/house' && body.includes(payments.userId))).toHaveLength(1)) // prettier-ignore
  expect(payments.heard()).toEqual([])
  expect(await payments.deliveries()).toEqual([])
  expect((await payments.api.get(`/webhook-endpoints/${house.id}`)).status).toBe(404)
  expect(
    (await payments.api.send('patch', `/webhook-endpoints/${payments.endpoint.id}`, { events: ['wallet.stolen'] }))
      .status,
  ).toBe(422)
})

test('what is not taken waits for its next try with the answer noted; a redirect is not followed; redelivered, it arrives', async () => {
  const ann = await subscriber()
  answers.set(ann.path, 302)
  await publishEvent(service.rabbitmqUrl, eventOf(ann.userId))
  const [failed] = await eventually(async () => {
    const deliveries = await ann.deliveries()
    expect(deliveries).toMatchObject([{ status: 'pending', attempts: [{ status: 302, answer: 'heard' }] }])
    return deliveries
  })
  expect(heard.filter(({ path }) => path === '/elsewhere')).toEqual([])
  expect((await ann.api.get(`/webhook-endpoints/${ann.endpoint.id}`)).body).toMatchObject({ status: 'failing' })
  answers.delete(ann.path)
  const path = `/webhook-endpoints/${ann.endpoint.id}/deliveries/${failed?.id ?? ''}/redeliver`
  expect((await userClient(service, 'customer', 'stranger').send('post', path)).status).toBe(404)
  expect((await ann.api.send('post', path)).status).toBe(202)
  await eventually(async () => expect(await ann.deliveries()).toMatchObject([{ status: 'delivered', attempts: [{}, { status: 200 }] }])) // prettier-ignore
  expect((await ann.api.get(`/webhook-endpoints/${ann.endpoint.id}`)).body).toMatchObject({ status: 'enabled' })
})

test('after three days of nothing an endpoint is disabled and its owner is written to, once, until they enable it', async () => {
  const ann = await subscriber()
  answers.set(ann.path, 500)
  await publishEvent(service.rabbitmqUrl, eventOf(ann.userId))
  await eventually(async () => expect((await ann.deliveries())[0]?.attempts).toHaveLength(1))
  const threeDaysAgo = new Date(Date.now() - 73 * 3_600_000)
  const due = { triedSince: threeDaysAgo, dueAt: new Date(0) }
  await native(service.db, webhookDeliveries).updateOne({ endpointId: ann.endpoint.id }, { $set: due })
  const path = `/webhook-endpoints/${ann.endpoint.id}`
  await eventually(async () => expect((await ann.api.get(path)).body).toMatchObject({ status: 'disabled' }))
  expect(await ann.deliveries()).toMatchObject([{ status: 'failed' }])
  const mailed = await readsOn(service.db).find(mails, { to: emailOf(ann.userId) })
  expect(mailed).toMatchObject([{ text: expect.stringContaining(base + ann.path) }])
  expect((await ann.api.send('patch', path, { status: 'enabled' })).body).toMatchObject({ status: 'enabled' })
})

test('an endpoint without an address to write to gets it from its owner’s next change, and from nobody else’s', async () => {
  const ann = await subscriber()
  const path = `/webhook-endpoints/${ann.endpoint.id}`
  const _id = ann.endpoint.id
  const emailAfter = async (api: typeof ann.api) => {
    expect((await api.send('patch', path, { description: 'Orders' })).status).toBe(200)
    return (await readsOn(service.db).findOne(webhookEndpoints, { _id }))?.email ?? null
  }
  // As those were kept that are older than the field.
  await native(service.db, webhookEndpoints).updateOne({ _id }, { $unset: { email: 1 } })
  expect(await emailAfter(userClient(service, 'admin'))).toBeNull()
  expect(await emailAfter(ann.api)).toBe(emailOf(ann.userId))
  await native(service.db, webhookEndpoints).updateOne({ _id }, { $set: { email: 'ann@elsewhere.example' } })
  expect(await emailAfter(ann.api)).toBe('ann@elsewhere.example')
})

test('while a secret is replaced both sign; in the database they are encrypted, and no answer shows them again', async () => {
  const ann = await subscriber()
  const path = `/webhook-endpoints/${ann.endpoint.id}`
  const { secret } = (await ann.api.send('post', `${path}/rotate-secret`, {})).body as Endpoint
  await publishEvent(service.rabbitmqUrl, eventOf(ann.userId))
  await eventually(() => expect(ann.heard()).toHaveLength(1))
  const [one] = ann.heard()
  expect(one && [secret, ann.endpoint.secret].map((each) => isSignedBy(each, one))).toEqual([true, true])
  const raw = JSON.stringify(await readsOn(service.db).findOne(webhookEndpoints, { _id: ann.endpoint.id }))
  const shown = (await ann.api.get(path)).text
  for (const text of [raw, shown]) expect(text).not.toMatch(/whsec_/)
})

test('nothing is sent into our own networks, whoever asks for it', async () => {
  const admin = userClient(service, 'admin')
  for (const url of ['http://10.0.0.1/', 'https://169.254.169.254/', 'https://[fd00::1]/', 'ftp://example.com/', 'x']) {
    const { body } = await admin.send('post', '/webhook-endpoints', { url })
    expect(body).toMatchObject({ status: 422, code: 'webhook_url_refused' })
  }
  // An address that was fine when it was entered is looked at again at each call.
  const ann = await subscriber()
  await native(service.db, webhookEndpoints).updateOne(
    { _id: ann.endpoint.id },
    { $set: { url: 'http://192.168.0.1/' } },
  )
  await publishEvent(service.rabbitmqUrl, eventOf(ann.userId))
  await eventually(async () => expect((await ann.deliveries())[0]?.attempts).toMatchObject([{ status: null, error: expect.stringContaining('not on the public internet') }])) // prettier-ignore
})
