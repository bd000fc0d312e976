import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { userRegistered } from '@countinghouse/shared/contracts/auth'
import { announced } from '@countinghouse/shared/testing/events'
import type { TestService } from '@countinghouse/shared/testing/service'
import { createSigner } from '../keys/signer.js'
import { countByStatus, createPeople, inParallel, password, type People } from '../testing/people.js'
import { startAuthService, vault } from '../testing/start.js'

let service: TestService
let people: People
beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
})
afterAll(() => service.close())
beforeEach(() => people.clear('users', 'sessions', 'outbox'))

const rowsOf = (name: string) => people.rowsOf(name)
const storedUsers = () => rowsOf('users').find().toArray()
const events = () => announced(service.db, userRegistered)

const register = (body: object, token?: string) => people.register(body, token)
const get = (path: string, token: string) => people.send('get', path, undefined, { token })
const tokenOf = async (call: PromiseLike<{ body: unknown }>) =>
  ((await call).body as { access_token: string }).access_token

const adminToken = () => tokenOf(register({ email: 'boss@example.com' }))
const loginToken = (email: string) => tokenOf(people.login(email))
const serviceToken = async () => {
  const signer = createSigner({ db: service.db, vault, now: () => new Date() })
  await signer.prepare()
  return signer.sign({ sub: 'service:loan-service', role: 'service', exp: Math.floor(Date.now() / 1000) + 60 })
}

describe('the first admin', () => {
  test('of 20 who ask at once exactly one becomes it', async () => {
    const answers = await inParallel(20, (index) => register({ email: `admin${index}@example.com` }))
    expect(countByStatus(answers)).toEqual({ 201: 1, 401: 19 })
    expect(await storedUsers()).toMatchObject([{ role: 'admin', firstAdmin: true }])
    expect(await events()).toMatchObject([{ data: { role: 'admin' } }])
  })

  test('there is never a second, whoever writes it', async () => {
    await register({ email: 'boss@example.com' })
    const [boss] = await storedUsers()
    const second = { ...boss, _id: 'second', emailKey: 'second', usernameKey: 'second' }
    await expect(rowsOf('users').insertOne(second)).rejects.toMatchObject({ code: 11000 })
  })

  test('customers who came before do not take its place', async () => {
    await register({ email: 'asha@example.com', role: 'customer' })
    expect((await register({ email: 'boss@example.com' })).body).toMatchObject({ user: { role: 'admin' } })
  })

  test('is logged in, and makes the others', async () => {
    const token = await adminToken()
    expect((await get('/users', token)).status).toBe(200)
  })
})

describe('sign-up', () => {
  test.each(['customer', 'vendor'])('anyone signs up as %s and is logged in', async (role) => {
    const profile = { first_name: 'Asha', last_name: 'Rao', phone: '+91 98450 00000', address: '12 Mill Road' }
    const answer = await register({ email: 'Asha@Example.com', role, ...profile })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      user: { email: 'Asha@Example.com', username: 'Asha', role, email_verified: false, ...profile },
      ...{
        access_token: expect.any(String),
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: expect.any(String),
      },
    })
    const { id } = (answer.body as { user: { id: string } }).user
    expect(await storedUsers()).toMatchObject([{ _id: id, emailKey: 'asha@example.com', role, firstName: 'Asha' }])
    const { address: _kept, ...told } = profile
    const data = { user_id: id, email: 'Asha@Example.com', username: 'Asha', role, email_verified: false, ...told }
    expect(await events()).toEqual([
      expect.objectContaining({ type: 'countinghouse.user.registered.v1', subject: id, data }),
    ])
  })

  test.each(['admin', 'staff', 'viewer'])(
    'nobody gives themselves the role %s, not even on a new system',
    async (role) => {
      const answer = await register({ email: 'eve@example.com', role })
      expect(answer.status).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
      expect(answer.body).toMatchObject({ detail: 'Not authenticated' })
      await expectNothingStored()
    },
  )

  test('without a token and a role nobody gets in once there is an admin', async () => {
    await adminToken()
    expect((await register({ email: 'eve@example.com' })).status).toBe(401)
    expect(await events()).toHaveLength(1)
  })
})

describe('with a token', () => {
  test.each(['admin', 'staff', 'viewer', 'vendor', 'customer'])(
    'an admin makes a user with the role %s',
    async (role) => {
      const answer = await register({ email: 'new@example.com', role }, await adminToken())
      expect(answer.status).toBe(201)
      expect(answer.body).toEqual({ user: expect.objectContaining({ role, username: 'new' }) })
      expect(await events()).toHaveLength(2)
    },
  )

  test('an admin who names no role makes staff', async () => {
    const answer = await register({ email: 'new@example.com' }, await adminToken())
    expect(answer.body).toMatchObject({ user: { role: 'staff' } })
  })

  test('nobody else makes anyone, not even a customer', async () => {
    const admin = await adminToken()
    const others = [await tokenOf(register({ email: 'customer@example.com', role: 'customer' })), await serviceToken()]
    for (const role of ['staff', 'viewer']) {
      await register({ email: `${role}@example.com`, role }, admin)
      others.push(await loginToken(`${role}@example.com`))
    }
    for (const token of others) {
      for (const role of ['customer', 'admin', undefined]) {
        expect((await register({ email: 'new@example.com', role }, token)).status).toBe(403)
      }
    }
    expect(await events()).toHaveLength(4)
  })

  test('a bad token is not the same as none', async () => {
    const answer = await register({ email: 'asha@example.com', role: 'customer' }, 'nonsense')
    expect(answer.body).toMatchObject({ status: 401, detail: 'Invalid token' })
    await expectNothingStored()
  })
})

describe('names', () => {
  test('an e-mail address belongs to one user, however it is written', async () => {
    await register({ email: 'asha@example.com', role: 'customer' })
    const second = await register({ email: 'ASHA@example.COM', role: 'vendor' })
    expect(second.body).toMatchObject({ status: 409, code: 'email_taken', email: 'ASHA@example.COM' })
    expect(await events()).toHaveLength(1)
  })

  test('of ten who bring one e-mail address at once, one gets it', async () => {
    const answers = await inParallel(10, (index) =>
      register({ email: 'asha@example.com', username: `asha${index}`, role: 'customer' }),
    )
    expect(countByStatus(answers)).toEqual({ 201: 1, 409: 9 })
    expect(await storedUsers()).toHaveLength(1)
    expect(await events()).toHaveLength(1)
  })

  test('a username belongs to one user, however it is written', async () => {
    await register({ email: 'one@example.com', username: 'Asha', role: 'customer' })
    const second = await register({ email: 'two@example.com', username: 'asha', role: 'customer' })
    expect(second.body).toMatchObject({ status: 409, code: 'username_taken', username: 'asha' })
    expect(await events()).toHaveLength(1)
  })

  test('users whose addresses begin alike get usernames of their own', async () => {
    const answers = await inParallel(5, (index) => register({ email: `asha@shop${index}.example`, role: 'customer' }))
    const usernames = answers.map(({ body }) => (body as { user: { username: string } }).user.username)
    expect(new Set(usernames).size).toBe(5)
    expect(usernames).toContain('asha')
  })
})

describe('input', () => {
  test.each([
    ['is_admin', { is_admin: true }],
    ['email', { email: 'not an address' }],
    ['email', { email: { $ne: null } }],
    ['email', { email: undefined }],
    ['password', { password: 'seven77' }],
    ['password', { password: 'x'.repeat(129) }],
    ['password', { password: 'Password123!' }],
    ['password', { password: 'EVE@example.com' }],
    ['status', { status: 'active' }],
    ['email_verified', { email_verified: true }],
    ['role', { role: 'owner' }],
    ['role', { role: 'service' }],
    ['username', { username: 'someone@example.com' }],
    ['first_name', { first_name: 'x'.repeat(101) }],
  ])('%s that breaks the rules is named: %j', async (field, change) => {
    const answer = await register({ email: 'eve@example.com', role: 'customer', ...change })
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ errors: [{ loc: ['body', field] }] })
    await expectNothingStored()
  })

  test('a password is kept as nothing but its argon2id hash, and no answer shows that', async () => {
    const answer = await register({ email: 'asha@example.com', role: 'customer' })
    const stored = await storedUsers()
    expect(stored).toMatchObject([{ passwordHash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) }])
    const { passwordHash } = stored[0] as { passwordHash?: string }
    const everything = [stored, await events(), answer.body].map((one) => JSON.stringify(one))
    expect(everything.join()).not.toContain(password)
    expect(everything.slice(1).join()).not.toContain(passwordHash)
    expect(answer.text).not.toMatch(/hash|_key|first_admin/)
  })
})

describe('who I am', () => {
  test.each(['/auth/me', '/me', '/api/v1/auth/me'])('%s tells it from the database', async (path) => {
    const token = await tokenOf(register({ email: 'asha@example.com', role: 'customer', first_name: 'Asha' }))
    await rowsOf('users').updateOne({ emailKey: 'asha@example.com' }, { $set: { lastName: 'Rao' } })
    const answer = await get(path, token)
    expect(answer.status).toBe(200)
    const profile = {
      username: 'asha',
      role: 'customer',
      email: 'asha@example.com',
      first_name: 'Asha',
      last_name: 'Rao',
    }
    expect(answer.body).toMatchObject({ id: expect.any(String), ...profile, phone: null, address: null })
    expect(answer.headers['etag']).toBe('"1"')
  })

  test('a user who is gone is told so', async () => {
    const token = await adminToken()
    await rowsOf('users').deleteMany({})
    const answer = await get('/auth/me', token)
    expect(answer.body).toMatchObject({ status: 401, detail: 'User not found' })
  })

  test('nobody is nobody, and a service is not a user', async () => {
    expect((await people.send('get', '/auth/me')).body).toMatchObject({ status: 401, detail: 'Not authenticated' })
    expect((await get('/me', await serviceToken())).status).toBe(403)
  })
})

const expectNothingStored = async () => {
  expect(await storedUsers()).toEqual([])
  expect(await events()).toEqual([])
}
