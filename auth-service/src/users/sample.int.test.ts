import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { TestService } from '@countinghouse/shared/testing/service'
import request from 'supertest'
import { startAuthService } from '../testing/start.js'
import { loadSampleUsers } from './sample.js'

let service: TestService
beforeAll(async () => {
  service = await startAuthService({ SAMPLE_DATA: 'on' })
})
afterAll(() => service.close())

const rowsOf = (name: string) => service.db.collection<{ _id: string }>(name)
const count = async () => ({
  users: await rowsOf('users').countDocuments(),
  events: await rowsOf('outbox').countDocuments({ 'events.type': 'countinghouse.user.registered.v1' }),
})
const all = { users: 9, events: 9 }
const load = () => loadSampleUsers(service.db, new Date())

test.each([
  ['admin', 'admin@loanapp.com', 'admin123'],
  ['staff', 'staff@countinghouse.test', 'staff123'],
  ['viewer', 'viewer@countinghouse.test', 'viewer123'],
  ['vendor', 'vendor@countinghouse.test', 'vendor123'],
  ['customer', 'customer@countinghouse.test', 'customer123'],
])('a new development system has a login for the role %s', async (role, email, password) => {
  for (const login of [email, role]) {
    const answer = await request(service.url).post('/auth/login').send({ email: login, password })
    expect(answer.body).toMatchObject({ user: { role, email, email_verified: true } })
  }
  expect(await rowsOf('mails').countDocuments()).toBe(0)
})

test.each([
  ['USER-RAJ', 'raj', 'raj123', 'staff'],
  ['user123', 'user123', 'password123', 'customer'],
  ['user456', 'user456', 'password123', 'customer'],
])('the examples find %s under this id', async (id, username, password, role) => {
  const answer = await request(service.url).post('/auth/login').send({ username, password })
  expect(answer.body).toMatchObject({ user: { id, username, role } })
})

test('whatever is loaded is announced, once', async () => {
  expect(await count()).toEqual(all)
  await load()
  expect(await count()).toEqual(all)
})

test('replicas that start together load it once', async () => {
  for (const name of ['users', 'outbox']) await rowsOf(name).deleteMany({})
  await Promise.all([load(), load(), load(), load()])
  expect(await count()).toEqual(all)
})

test('a system that has a user gets no others', async () => {
  for (const name of ['users', 'outbox']) await rowsOf(name).deleteMany({})
  await request(service.url).post('/auth/register').send({ email: 'boss@example.com', password: 'correct horse' })
  await load()
  expect(await count()).toEqual({ users: 1, events: 1 })
})
