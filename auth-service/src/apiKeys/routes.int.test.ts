import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { apiKeyCreated, apiKeyRevoked } from '@countinghouse/shared/contracts/auth'
import type { AuthOffice } from '@countinghouse/shared/http/authOffice'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { announced } from '@countinghouse/shared/testing/events'
import type { TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { createPeople, type People, type Person } from '../testing/people.js'
import { openOffice, startAuthService } from '../testing/start.js'

let service: TestService
let people: People
let admin: Person
let inventory: AuthOffice
beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
  admin = people.toPerson(await people.register({ email: 'boss@example.com' }))
  inventory = openOffice(service, 'inventory-service')
})
afterAll(async () => {
  await inventory.stop()
  await service.close()
})

type Shown = { id: string; key: string; prefix: string }

const asAdmin = () => ({ token: admin.access_token })
const make = (more: object = {}) =>
  people.send('post', '/api-keys', { name: 'Till', scopes: ['availability'], ...more }, asAdmin())
const made = async (more: object = {}) => (await make(more)).body as Shown
const show = async (key: string) => inventory.authenticate(`Bearer ${key}`)

test('a key is shown once, kept as its hash, and opens what its scopes say', async () => {
  const answer = await make()
  expect(answer.status).toBe(201)
  expect(answer.headers['cache-control']).toBe('no-store')
  const { id, key, prefix } = answer.body as Shown
  expect(key).toMatch(/^ch_live_[\w-]{40}$/)
  expect(key.startsWith(prefix)).toBe(true)

  const again = await people.send('get', `/api-keys/${id}`, undefined, asAdmin())
  expect(again.body).toMatchObject({ id, prefix, name: 'Till', created_by: `user:${admin.id}`, last_used_at: null })
  const stored = await people.rowsOf('api_keys').find({ _id: id }).toArray()
  const events = await announced(service.db, apiKeyCreated)
  expect(events.at(-1)).toMatchObject({ subject: id, data: { api_key_id: id, scopes: ['availability'] } })
  expect(JSON.stringify([again.body, stored, events])).not.toContain(key.slice(prefix.length))

  expect(await show(key)).toEqual({ kind: 'apiKey', keyId: id, name: 'Till', scopes: ['availability'] })
})

test('a key is no user: it opens nothing that is not in its scopes, by either header', async () => {
  const { key } = await made()
  for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }]) {
    for (const path of ['/me', '/users', '/api-keys', '/auth/revocations']) {
      const answer = await request(service.url).get(path).set(headers)
      expect([path, answer.status]).toEqual([path, 403])
    }
  }
  const nonsense = await request(service.url).get('/me').set({ 'x-api-key': 'ch_live_nonsense' })
  expect(nonsense.status).toBe(401)
  expect(nonsense.body).toMatchObject({ code: 'invalid_api_key' })
})

test('a key that is revoked is refused everywhere within a second, and for good', async () => {
  const { id, key } = await made()
  await show(key)
  const revoke = () => people.send('delete', `/api-keys/${id}`, undefined, asAdmin())
  expect((await revoke()).status).toBe(204)
  await eventually(() => expect(show(key)).rejects.toMatchObject({ code: 'invalid_api_key' }), 1_000)
  await expect(openAnew(key)).rejects.toMatchObject({ code: 'invalid_api_key' })
  expect((await revoke()).status).toBe(204)
  const events = await announced(service.db, apiKeyRevoked)
  expect(events.filter(({ subject }) => subject === id)).toHaveLength(1)
})

const openAnew = async (key: string) => {
  const office = openOffice(service, 'wallet-service')
  return Promise.resolve(office.authenticate(`Bearer ${key}`)).finally(() => office.stop())
}

test('a key ends by itself at its end', async () => {
  const { id, key } = await made({ expires_at: new Date(Date.now() + 3_600_000).toISOString() })
  await people.rowsOf('api_keys').updateOne({ _id: id }, { $set: { expiresAt: new Date(Date.now() - 1) } })
  await expect(show(key)).rejects.toMatchObject({ code: 'invalid_api_key' })
})

test('its use is noted, once a minute at most', async () => {
  const { id, key } = await made()
  await show(key)
  const lastUsed = async () => (await people.rowsOf('api_keys').findOne({ _id: id }))?.['lastUsedAt']
  const first = await lastUsed()
  expect(first).toBeInstanceOf(Date)
  await openAnew(key)
  expect(await lastUsed()).toEqual(first)
})

describe('input', () => {
  test.each([
    ['name', { name: '' }],
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: ['everything'] }],
    ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
    ['key', { key: 'ch_live_mine' }],
  ])('%s that breaks the rules is named: %j', async (field, change) => {
    const answer = await make(change)
    expect(answer.status).toBe(422)
    expect((answer.body as { errors: { loc: string[] }[] }).errors[0]?.loc[1]).toBe(field)
  })

  test('only an admin has to do with keys, and only with keys that there are', async () => {
    const { id } = await made()
    const customer = await people.signUp()
    for (const [method, path] of [
      ['post', '/api-keys'],
      ['get', '/api-keys'],
      ['get', `/api-keys/${id}`],
      ['patch', `/api-keys/${id}`],
      ['delete', `/api-keys/${id}`],
    ] as const)
      expect((await people.send(method, path, {}, { token: customer.access_token })).status).toBe(403)
    const renamed = await people.send('patch', `/api-keys/${id}`, { name: 'Shop' }, asAdmin())
    expect(renamed.body).toMatchObject({ id, name: 'Shop' })
    expect((await people.send('get', '/api-keys/nothing', undefined, asAdmin())).status).toBe(404)
    const list = await people.send('get', '/api-keys?page_size=1', undefined, asAdmin())
    expect(list.body).toMatchObject([{ name: 'Shop' }])
  })
})
