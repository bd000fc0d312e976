import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { TestService } from '@countinghouse/shared/testing/service'
import jsonwebtoken from 'jsonwebtoken'
import { createPublicKey } from 'node:crypto'
import request from 'supertest'
import { startAuthService } from '../testing/start.js'

let service: TestService
let userId: string
const email = 'Asha@example.com'
const username = 'asha_r'
const password = 'correct horse battery'

beforeAll(async () => {
  service = await startAuthService({ JWT_ACCESS_TTL: 900 })
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
      ...{ access_token: expect.any(String), token_type: 'bearer', expires_in: 900 },
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
