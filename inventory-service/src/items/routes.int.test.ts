import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { startInventory } from '../testing/service.js'

let service: TestService
beforeAll(async () => {
  service = await startInventory()
})
afterAll(() => service.close())

const as = (role: 'staff' | 'viewer' | 'customer') => ({ authorization: `Bearer ${service.tokens.userToken(role)}` })
const bottle = { name: 'Bottle 500ml Grade A', type: 'bottle', size: '500ml', grade: 'A' }
const add = (id: string) =>
  request(service.url)
    .post('/api/v1/items')
    .set(as('staff'))
    .send({ id, ...bottle })

test('staff add an item, and every role that may read sees it under each form of the path', async () => {
  const added = await add('bottle-500ml-a')
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({
    id: 'bottle-500ml-a',
    ...bottle,
    unit: 'pcs',
    low_stock_threshold: null,
    version: 1,
  })
  for (const path of ['/items', '/api/items/', '/api/v1/items']) {
    const list = await request(service.url).get(path).set(as('viewer'))
    expect(list.status).toBe(200)
    expect(list.headers['x-total-count']).toBe('1')
    expect(list.body).toHaveLength(1)
  }
})

test('an id is given to one item only', async () => {
  await add('twice')
  const second = await add('twice')
  expect(second.status).toBe(409)
  expect(second.body).toMatchObject({ code: 'item_exists', item_id: 'twice', status: 409 })
})

test('an edit based on an old version is refused and changes nothing', async () => {
  await add('edited')
  const edit = (ifMatch: string) =>
    request(service.url)
      .patch('/items/edited')
      .set(as('staff'))
      .set('If-Match', ifMatch)
      .send({ low_stock_threshold: 500 })
  const first = await edit('"1"')
  expect(first.status).toBe(200)
  expect(first.headers['etag']).toBe('"2"')
  const second = await edit('"1"')
  expect(second.status).toBe(412)
})

test('a deleted item is gone', async () => {
  await add('gone')
  const path = '/items/gone'
  expect((await request(service.url).delete(path).set(as('staff'))).status).toBe(204)
  const read = await request(service.url).get(path).set(as('staff'))
  expect(read.status).toBe(404)
  expect(read.body).toMatchObject({ detail: 'Item not found: gone', item_id: 'gone' })
})

test('a viewer may not write, a customer may not read, nobody gets in without a token', async () => {
  expect(
    (
      await request(service.url)
        .post('/items')
        .set(as('viewer'))
        .send({ id: 'x', ...bottle })
    ).status,
  ).toBe(403)
  expect((await request(service.url).get('/items').set(as('customer'))).status).toBe(403)
  const anonymous = await request(service.url).get('/items')
  expect(anonymous.status).toBe(401)
  expect(anonymous.headers['www-authenticate']).toBe('Bearer')
})

test('input that breaks the schema names each place, and unknown fields are refused', async () => {
  const answer = await request(service.url)
    .post('/items')
    .set(as('staff'))
    .send({ id: 'x', type: 'glass', is_admin: true })
  expect(answer.status).toBe(422)
  const places = (answer.body as { errors: { loc: string[] }[] }).errors.map(({ loc }) => loc.join('.'))
  expect(places.sort()).toEqual(['body.is_admin', 'body.name', 'body.type'])
})
