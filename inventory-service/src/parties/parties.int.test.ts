import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TestService } from '@countinghouse/shared/testing/service'
import { callerOf, startInventory } from '../testing/service.js'

let service: TestService
let call: ReturnType<typeof callerOf>
beforeAll(async () => {
  service = await startInventory()
  call = callerOf(service)
})
afterAll(() => service.close())

test.each([
  ['/suppliers', 'supplier_id', 'Supplier not found'],
  ['/trade-customers', 'customer_id', 'Customer not found'],
])(
  'in %s one is added, changed by whoever read it last, and deleted while no document names it',
  async (path, name, text) => {
    const body = { id: 'P-001', name: 'Polymer Works', contact: '+91 80 5550 0100' }
    const added = await call('post', path, { body })
    expect(added.status).toBe(201)
    expect(added.body).toMatchObject({
      ...body,
      address: null,
      notes: null,
      payment_terms_days: 30,
      active: true,
      version: 1,
    })
    expect(added.body).not.toHaveProperty('terms')
    expect((await call('post', path, { body })).body).toMatchObject({ status: 409, [name]: 'P-001' })
    expect((await call('patch', `${path}/P-001`, { body: { address: 'Hosur' }, ifMatch: 1 })).body).toMatchObject({
      version: 2,
    })
    expect((await call('patch', `${path}/P-001`, { body: { address: 'Mysuru' }, ifMatch: 1 })).status).toBe(412)
    expect((await call('delete', `${path}/P-001`)).status).toBe(204)
    expect((await call('get', `${path}/P-001`)).body).toMatchObject({ status: 404, detail: text, [name]: 'P-001' })
  },
)

test('parties are found by words, or their beginnings, of id, name, contact and address, in any order', async () => {
  const add = (name: string, more: object = {}) => call('post', '/suppliers', { body: { name, ...more } })
  await add('Resin & Sons', { id: 'RES-7', address: 'Hosur Road' })
  await add('Resina Ltd', { id: 'LTD', contact: 'Asha Rao' })
  await add('Caps.And.More')
  const find = async (search: string) =>
    (await call('get', '/suppliers', { query: { search } })).body.map((one: { name: string }) => one.name)
  expect(await find('resin')).toEqual(['Resin & Sons', 'Resina Ltd'])
  expect(await find('HOS resin')).toEqual(['Resin & Sons'])
  expect(await find('rao asha')).toEqual(['Resina Ltd'])
  expect(await find('res-7')).toEqual(['Resin & Sons'])
  expect(await find('.*')).toHaveLength(3)
  expect(await find('more and caps')).toEqual(['Caps.And.More'])
})

test('an inactive party is listed when asked for; its name follows into the search', async () => {
  const { id } = (await call('post', '/suppliers', { body: { name: 'Old Works' } })).body
  await call('patch', `/suppliers/${id}`, { body: { active: false, name: 'Ancient Works' } })
  const found = await call('get', '/suppliers', { query: { active: 'false', search: 'ancient' } })
  expect(found.body).toMatchObject([{ id, active: false }])
  expect((await call('get', '/suppliers', { query: { active: 'true', search: 'ancient' } })).body).toEqual([])
  expect((await call('get', '/suppliers', { query: { search: 'old' } })).body).toEqual([])
})

test('viewers read, customers do not, and unknown fields are refused', async () => {
  expect((await call('get', '/suppliers', { role: 'viewer' })).status).toBe(200)
  expect((await call('post', '/suppliers', { role: 'viewer', body: { name: 'x' } })).status).toBe(403)
  expect((await call('get', '/trade-customers', { role: 'customer' })).status).toBe(403)
  expect((await call('post', '/suppliers', { body: { name: 'x', balance: 1 } })).status).toBe(422)
})
