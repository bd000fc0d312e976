import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { announced } from '@countinghouse/shared/testing/events'
import type { TestService } from '@countinghouse/shared/testing/service'
import { loginsFailing } from '@countinghouse/shared/contracts/auth'
import { hash as bcryptHash } from '@node-rs/bcrypt'
import jsonwebtoken from 'jsonwebtoken'
import { createPublicKey } from 'node:crypto'
import request from 'supertest'
import { createPeople, inParallel, countByStatus, type People } from '../testing/people.js'
import { startAuthService } from '../testing/start.js'

let service: TestService
let people: People
let userId: string
const email = 'Asha@example.com'
const username = 'asha_r'
const password = 'correct horse battery'

beforeAll(async () => {
  service = await startAuthService({ JWT_ACCESS_TTL: 900 })
  people = createPeople(service)
  const body = { email, username, password, role: 'customer' }
  const answer = await request(service.url).post('/auth/register').send(body)
  userId = (answer.body as { user: { id: string } }).user.id
})
afterAll(() => service.close())

const login = (body: object) => request(service.url).post('/auth/login').send(body)
const sessionsOf = (id: string) => service.db.collection('sessions').find({ userId: id }).toArray()

describe('a login', () => {
  test.each([
    ['an e-mail address', { email }],
    ['an e-mail address, however it is written', { email: ' ASHA@EXAMPLE.com ' }],
    ['a username', { username: 'Asha_R' }],
    ['a username as email', { email: username }],
    ['an e-mail address as username', { username: email }],
  ])('works by %s', async (_, name) => {
    const answer = await login({ ...name, password })
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      ...{ access_token: expect.any(String), token_type: 'bearer', expires_in: 900, refresh_token: expect.any(String) },
      user: expect.objectContaining({ id: userId, email, username, role: 'customer' }),
    })
    expect(answer.text).not.toMatch(/hash|_key/)
  })

  test('works by a form', async () => {
    const answer = await request(service.url).post('/api/v1/auth/login/').type('form').send({ username, password })
    expect(answer.status).toBe(200)
  })

  test('gives a token that anyone verifies with the published key, for a session of its own', async () => {
    const answer = await login({ email, password }).set('User-Agent', `Phone/${'1'.repeat(300)}`)
    const token = (answer.body as { access_token: string }).access_token
    const { keys } = (await request(service.url).get('/.well-known/jwks.json')).body as { keys: { kid: string }[] }
    const { kid, typ } = jsonwebtoken.decode(token, { complete: true })?.header ?? {}
    const jwk = keys.find((key) => key.kid === kid)
    const key = createPublicKey({ key: jwk as never, format: 'jwk' })
    const claims = jsonwebtoken.verify(token, key, { algorithms: ['RS256'] }) as jsonwebtoken.JwtPayload
    expect(typ).toBe('at+jwt')
    expect(claims).toMatchObject({
      iss: 'countinghouse',
      aud: 'countinghouse-api',
      sub: userId,
      username,
      role: 'customer',
    })
    expect(Number(claims.exp) - Number(claims.iat)).toBe(900)
    const session = (await sessionsOf(userId)).find(({ _id }) => String(_id) === claims['sid'])
    expect(session).toMatchObject({ device: expect.stringMatching(/^Phone\/1{250}$/), createdAt: expect.any(Date) })
  })

  test('gives a token that opens the door', async () => {
    const { access_token } = (await login({ email, password })).body as { access_token: string }
    const me = await request(service.url).get('/me').auth(access_token, { type: 'bearer' })
    expect(me.body).toMatchObject({ id: userId })
  })
})

test('a token that ran out does not stand in the way of a new login, and no cache keeps the new one', async () => {
  const answer = await login({ email, password }).set('Authorization', 'Bearer long.run.out')
  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('no-store')
})

describe('a login is refused', () => {
  test('in the same words for an unknown user and for a wrong password', async () => {
    const before = (await sessionsOf(userId)).length
    const bodies = await Promise.all(
      [
        { email, password: 'wrong' },
        { email: 'nobody@example.com', password },
        { username: 'nobody', password },
        { username, password: '' },
      ].map(async (body) => {
        const answer = await login(body)
        expect(answer.status).toBe(401)
        expect(answer.headers['www-authenticate']).toBe('Bearer')
        const { request_id: _differs, ...rest } = answer.body as { request_id: string }
        return rest
      }),
    )
    expect(bodies[0]).toMatchObject({ code: 'invalid_credentials', detail: 'Invalid credentials' })
    for (const body of bodies) expect(body).toEqual(bodies[0])
    expect(await sessionsOf(userId)).toHaveLength(before)
  })

  test.each([
    ['without a name', { password }, 'email'],
    ['without a password', { email }, 'password'],
    ['with an operator for a name', { email: { $gt: '' }, password }, 'email'],
    ['with an operator for a password', { email, password: { $ne: '' } }, 'password'],
    ['with a field that it does not know', { email, password, is_admin: true }, 'is_admin'],
  ])('%s', async (_, body, field) => {
    const answer = await login(body)
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ errors: [{ loc: ['body', field] }] })
  })

  test('with the password in the address, where it would be logged', async () => {
    const answer = await request(service.url).post('/auth/login').query({ email, password }).send({})
    expect(answer.status).toBe(422)
  })

  test('in a language that it does not speak, or badly spoken', async () => {
    const send = (type: string) => request(service.url).post('/auth/login').set('Content-Type', type).send('{"email":')
    expect((await send('text/plain')).status).toBe(415)
    expect((await send('application/json')).status).toBe(400)
  })
})

describe('an old hash', () => {
  const old = (hash: string) => people.rowsOf('users').updateOne({ _id: userId }, { $set: { passwordHash: hash } })
  const stored = async () => String((await people.rowsOf('users').findOne({ _id: userId }))?.['passwordHash'])

  test.each(['2a', '2b', '2y'])(
    'of bcrypt ($%s$) lets its user in, and is one of argon2id from then on',
    async (version) => {
      const bcrypt = (await bcryptHash(password, { cost: 4 })).replace(/^\$2b/, `$${version}`)
      await old(bcrypt)
      expect((await login({ email, password: 'wrong' })).status).toBe(401)
      expect(await stored()).toBe(bcrypt)
      const answers = await inParallel(3, () => login({ email, password }))
      expect(countByStatus(answers)).toEqual({ 200: 3 })
      expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect((await login({ email, password })).status).toBe(200)
    },
  )

  test('that is none of these lets nobody in', async () => {
    const kept = await stored()
    await old('$2b$12$broken')
    expect((await login({ email, password })).status).toBe(401)
    await old(kept)
  })
})

describe('failures', () => {
  const from = (address: string, name: string, tried: string) => people.login(name, { password: tried }, { address })
  const seconds = (count: number) =>
    people.rowsOf('login_failures').updateMany({}, [
      {
        $set: {
          delayedUntil: { $subtract: ['$delayedUntil', count * 1000] },
          lastAt: { $subtract: ['$lastAt', count * 1000] },
        },
      },
    ])
  const fail = async (address: string, name: string, times: number) => {
    for (let time = 0; time < times; time += 1) {
      expect((await from(address, name, 'wrong')).status).toBe(401)
      await seconds(1000)
    }
  }

  test('delay the next attempt, for an account that exists and for one that does not', async () => {
    await people.clear('login_failures')
    const victim = await people.signUp()
    const answers: unknown[] = []
    for (const name of [victim.email, 'nobody@example.com']) {
      for (let time = 0; time < 5; time += 1) expect((await from('203.0.113.1', name, 'wrong')).status).toBe(401)
      // Even the right password has to wait.
      const answer = await from('203.0.113.1', name.toUpperCase(), password)
      expect(answer.status).toBe(429)
      expect(answer.headers['retry-after']).toBe('1')
      const { request_id: _differs, ...body } = answer.body as { request_id: string }
      answers.push(body)
    }
    expect(answers[0]).toMatchObject({ code: 'too_many_attempts', retry_after: 1 })
    expect(answers[1]).toEqual(answers[0])
    const told = (await announced(service.db, loginsFailing)).map(({ data }) => data)
    const facts = { failures: 5, device: null, address: '203.0.113.1' }
    expect(told).toEqual([
      { user_id: victim.id, ...facts },
      { user_id: null, ...facts },
    ])
    await seconds(1)
    expect((await from('203.0.113.1', victim.email, password)).status).toBe(200)
    expect((await from('203.0.113.1', victim.email, 'wrong')).status).toBe(401)
  })

  test('of strangers do not delay users where they are known', async () => {
    await people.clear('login_failures')
    const victim = await people.signUp()
    for (let time = 0; time < 5; time += 1) await from('203.0.113.2', victim.email, 'wrong')
    expect((await from('203.0.113.3', victim.email, password)).status).toBe(429)
    expect((await from('127.0.0.1', victim.email, password)).status).toBe(200)
  })

  test('from one address delay it, whomever they are about, and a login does not clear that', async () => {
    await people.clear('login_failures')
    const owner = await people.signUp()
    const address = '203.0.113.4'
    await people.rowsOf('login_failures').insertOne({
      ...{ _id: `address:${address}`, count: 30, lastAt: new Date(), delayedUntil: new Date(0) },
      expiresAt: new Date(Date.now() + 60_000),
    })
    expect((await from(address, 'nobody@example.com', 'wrong')).status).toBe(401)
    expect((await from(address, 'somebody@example.com', 'wrong')).status).toBe(429)
    await people.rowsOf('login_failures').updateMany({}, { $set: { delayedUntil: new Date(0) } })
    expect((await from(address, owner.email, password)).status).toBe(200)
    expect((await from(address, 'nobody@example.com', 'wrong')).status).toBe(401)
    expect((await from(address, owner.email, password)).status).toBe(429)
    expect((await from('203.0.113.5', owner.email, password)).status).toBe(200)
  })

  test('in a volley are counted one by one: no more than the free ones are even looked at', async () => {
    await people.clear('login_failures')
    const victim = await people.signUp()
    const answers = await inParallel(12, () => from('203.0.113.6', victim.email, 'wrong'))
    expect(countByStatus(answers)).toEqual({ 401: 5, 429: 7 })
  })

  test('by a user who then remembers are forgotten', async () => {
    await people.clear('login_failures')
    const person = await people.signUp()
    await fail('203.0.113.7', person.email, 4)
    expect((await from('203.0.113.7', person.email, password)).status).toBe(200)
    const left = await people.rowsOf('login_failures').find().toArray()
    expect(left.map(({ _id }) => _id)).toEqual(['address:203.0.113.7'])
  })
})

test('twenty who log in at once all get in', async () => {
  const answers = await inParallel(20, () => login({ email, password }))
  expect(countByStatus(answers)).toEqual({ 200: 20 })
})

test('a user who was deactivated or deleted is unknown at the door', async () => {
  const person = await people.signUp()
  for (const status of ['deactivated', 'deleted']) {
    await people.rowsOf('users').updateOne({ _id: person.id }, { $set: { status } })
    expect((await people.login(person.email)).body).toMatchObject({ status: 401, code: 'invalid_credentials' })
  }
})
