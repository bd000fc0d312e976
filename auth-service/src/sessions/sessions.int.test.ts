import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { refreshReused, sessionEnded, sessionOpened } from '@countinghouse/shared/contracts/auth'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { TestService } from '@countinghouse/shared/testing/service'
import jsonwebtoken from 'jsonwebtoken'
import { createPeople, inParallel, type People, type Person, type TokenPair } from '../testing/people.js'
import { startAuthService } from '../testing/start.js'

let service: TestService
let people: People
let admin: Person
beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
  admin = people.toPerson(await people.register({ email: 'boss@example.com' }))
})
afterAll(() => service.close())

const SECOND = 1000
const DAY = 24 * 3600 * SECOND
const claimsOf = (token: string) =>
  jsonwebtoken.decode(token) as { sid: string; iat: number; exp: number; role: string }
const sessionsOf = ({ id }: Person) => people.rowsOf('sessions').find({ userId: id }).toArray()
const pairOf = async (answer: PromiseLike<{ status: number; body: unknown }>) => {
  const { status, body } = await answer
  expect(status).toBe(200)
  return body as TokenPair
}
const ofSession = (person: Person) => ({ sessionId: claimsOf(person.access_token).sid })
/** As if all that was retired had been retired earlier. */
const letPass = (person: Person, ms: number) =>
  people
    .rowsOf('refresh_tokens')
    .updateMany({ ...ofSession(person), retiredAt: { $type: 'date' } }, [
      { $set: { retiredAt: { $subtract: ['$retiredAt', ms] } } },
    ])
const statusOf = async (token: string) => (await people.send('get', '/auth/me', undefined, { token })).status
const expectRevoked = (token: string) => eventually(async () => expect(await statusOf(token)).toBe(401))
const reasonsOf = async ({ id }: Person) =>
  (await people.eventsOf(sessionEnded, id)).map((data) => (data as { reason: string }).reason)

describe('a refresh', () => {
  test.each(['/auth/refresh', '/auth/token/refresh', '/api/v1/auth/refresh/'])(
    'by %s gives a new pair',
    async (path) => {
      const person = await people.signUp()
      const answer = await people.send('post', path, { refresh: person.refresh_token })
      expect(answer.status).toBe(200)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.body).toMatchObject({ token_type: 'bearer', expires_in: 3600, user: { id: person.id } })
      const pair = answer.body as TokenPair
      expect(pair.refresh_token).not.toBe(person.refresh_token)
      expect(claimsOf(pair.access_token)).toMatchObject({ sid: claimsOf(person.access_token).sid, role: 'customer' })
      expect(await statusOf(pair.access_token)).toBe(200)
      await pairOf(people.refresh(pair.refresh_token))
    },
  )

  test('says what the user is now, not what they were', async () => {
    const person = await people.signUp()
    await people.rowsOf('users').updateOne({ _id: person.id }, { $set: { role: 'vendor', username: 'shop' } })
    const { access_token } = await pairOf(people.refresh(person.refresh_token))
    expect(claimsOf(access_token)).toMatchObject({ role: 'vendor', username: 'shop' })
  })

  test('of many tabs that race gives all of them the same next token, so the chain never forks', async () => {
    const person = await people.signUp()
    const pairs = await inParallel(8, () => pairOf(people.refresh(person.refresh_token)))
    expect(new Set(pairs.map(({ refresh_token }) => refresh_token)).size).toBe(1)
    for (const { access_token } of pairs) expect(await statusOf(access_token)).toBe(200)
    const chain = await people.rowsOf('refresh_tokens').find(ofSession(person)).toArray()
    expect(chain.filter(({ retiredAt }) => retiredAt === null)).toHaveLength(1)
    expect(await people.eventsOf(refreshReused, person.id)).toEqual([])
  })

  test('that lags behind within the grace is led to the end of the chain', async () => {
    const person = await people.signUp()
    const second = await pairOf(people.refresh(person.refresh_token))
    const third = await pairOf(people.refresh(second.refresh_token))
    expect((await pairOf(people.refresh(person.refresh_token))).refresh_token).toBe(third.refresh_token)
    await letPass(person, 9 * SECOND)
    expect((await pairOf(people.refresh(person.refresh_token))).refresh_token).toBe(third.refresh_token)
  })

  test('with a token that was retired longer ago ends the session and is told to all', async () => {
    const person = await people.signUp()
    const bystander = await people.logInAgain(person)
    const next = await pairOf(people.refresh(person.refresh_token))
    await letPass(person, 11 * SECOND)
    const answer = await people.refresh(person.refresh_token)
    expect(answer.body).toMatchObject({ status: 401, detail: 'Invalid token' })
    expect((await people.refresh(next.refresh_token)).status).toBe(401)
    await expectRevoked(next.access_token)
    expect(await people.eventsOf(refreshReused, person.id)).toEqual([
      { user_id: person.id, session_id: claimsOf(person.access_token).sid, device: null, address: '127.0.0.1' },
    ])
    expect(await reasonsOf(person)).toEqual(['refresh_reused'])
    await pairOf(people.refresh(bystander.refresh_token))
  })

  test('by thief and victim in turn goes on no longer than the grace', async () => {
    const victim = await people.signUp()
    const stolen = await pairOf(people.refresh(victim.refresh_token))
    const own = await pairOf(people.refresh(victim.refresh_token))
    await letPass(victim, 11 * SECOND)
    await pairOf(people.refresh(stolen.refresh_token))
    await letPass(victim, 11 * SECOND)
    expect((await people.refresh(own.refresh_token)).status).toBe(401)
    expect(await sessionsOf(victim)).toEqual([])
  })

  test('leaves nothing in the database that opens the session', async () => {
    const person = await people.signUp()
    const second = await pairOf(people.refresh(person.refresh_token))
    await letPass(person, 11 * SECOND)
    const third = await pairOf(people.refresh(second.refresh_token))
    const rows = JSON.stringify([
      await people.rowsOf('refresh_tokens').find().toArray(),
      await people.rowsOf('outbox').find().toArray(),
    ])
    for (const { refresh_token } of [person, second, third]) expect(rows).not.toContain(refresh_token)
    const chain = await people.rowsOf('refresh_tokens').find(ofSession(person)).sort({ issuedAt: 1 }).toArray()
    expect(chain.map(({ sealedSuccessor }) => typeof sealedSuccessor)).toEqual(['object', 'string', 'object'])
  })

  test.each([
    ['that nobody issued', { refresh_token: 'x'.repeat(43) }, 401],
    ['that is none', { refresh_token: '' }, 422],
    ['that is an operator', { refresh_token: { $ne: null } }, 422],
    ['that is missing', {}, 422],
    ['beside what it does not know', { refresh_token: 'x', role: 'admin' }, 422],
  ])('with a token %s is refused', async (_, body, status) => {
    expect((await people.send('post', '/auth/refresh', body)).status).toBe(status)
  })

  test('takes no access token, and an access route no refresh token', async () => {
    const person = await people.signUp()
    expect((await people.refresh(person.access_token)).status).toBe(401)
    expect(await statusOf(person.refresh_token)).toBe(401)
  })

  test('of a user who is gone says so', async () => {
    const person = await people.signUp()
    await people.rowsOf('users').deleteOne({ _id: person.id })
    expect((await people.refresh(person.refresh_token)).body).toMatchObject({ status: 401, detail: 'User not found' })
  })
})

describe('the life of a session', () => {
  test('is 30 days from its last refresh for a customer', async () => {
    const person = await people.signUp()
    const [session] = await sessionsOf(person)
    expect(Number(session?.['expiresAt']) - Number(session?.['createdAt'])).toBe(30 * DAY)
    await people.rowsOf('refresh_tokens').updateOne(ofSession(person), { $set: { expiresAt: new Date() } })
    const answer = await people.refresh(person.refresh_token)
    expect(answer.body).toMatchObject({ status: 401, detail: 'Token expired, please login again' })
  })

  test.each(['staff', 'viewer', 'admin'])('is 24 hours for %s, however often it is refreshed', async (role) => {
    const person = await people.appoint(admin, role)
    const [session] = await sessionsOf(person)
    expect(Number(session?.['expiresAt']) - Number(session?.['createdAt'])).toBe(DAY)
    const soon = new Date(Date.now() + 60 * SECOND)
    await people.rowsOf('sessions').updateOne({ userId: person.id }, { $set: { endsAt: soon } })
    const answer = await people.refresh(person.refresh_token)
    expect((answer.body as { expires_in: number }).expires_in).toBeLessThanOrEqual(60)
    expect(await sessionsOf(person)).toMatchObject([{ expiresAt: soon }])
  })

  test('ends in the database by itself', async () => {
    for (const name of ['sessions', 'refresh_tokens'])
      expect(await people.rowsOf(name).indexes()).toContainEqual(
        expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
      )
  })

  test('ends when its user has too many: the one that rested longest goes', async () => {
    const person = await people.signUp()
    const [own] = await sessionsOf(person)
    const others = Array.from({ length: 49 }, (_, index) => ({
      ...own,
      _id: `${person.id}-${index}`,
      lastUsedAt: new Date(),
    }))
    await people.rowsOf('sessions').insertMany(others)
    await people.logInAgain(person)
    const left = await sessionsOf(person)
    expect(left).toHaveLength(50)
    expect(left.map(({ _id }) => _id)).not.toContain(own?._id)
    expect((await people.refresh(person.refresh_token)).status).toBe(401)
    expect(await reasonsOf(person)).toEqual(['displaced'])
  })
})

describe('an end', () => {
  const endings = [
    ['logout', 'post', '/auth/logout', 1],
    ['logout_all', 'post', '/auth/logout-all', 0],
  ] as const
  test.each(endings)('by %s stops the access token and the refresh token', async (reason, method, path, left) => {
    const person = await people.signUp()
    const other = await people.logInAgain(person)
    expect((await people.send(method, path, undefined, { token: person.access_token })).status).toBe(204)
    expect((await people.refresh(person.refresh_token)).status).toBe(401)
    await expectRevoked(person.access_token)
    expect(await sessionsOf(person)).toHaveLength(left)
    expect((await people.refresh(other.refresh_token)).status).toBe(left === 1 ? 200 : 401)
    expect(await reasonsOf(person)).toEqual(Array(2 - left).fill(reason))
    const revoked = await people.rowsOf('revocations').find({ kind: 'session' }).toArray()
    expect(revoked.map(({ subject }) => subject)).toContain(claimsOf(person.access_token).sid)
  })

  test('and a refresh at the same moment leave either none or a session that works', async () => {
    for (let round = 0; round < 3; round += 1) {
      const person = await people.signUp()
      const [answer] = await Promise.all([
        people.refresh(person.refresh_token),
        people.send('post', '/auth/logout', undefined, { token: person.access_token }),
      ])
      expect(await sessionsOf(person)).toEqual([])
      expect(await people.rowsOf('refresh_tokens').countDocuments(ofSession(person))).toBe(0)
      if (answer.status === 200)
        expect((await people.refresh((answer.body as TokenPair).refresh_token)).status).toBe(401)
    }
  })
})

describe('my sessions', () => {
  test('are listed with device and last use, the last used first, and no others', async () => {
    await people.signUp()
    const person = await people.signUp()
    await people.login(person.email).set('User-Agent', 'Phone/1')
    await pairOf(people.refresh(person.refresh_token))
    const list = await people.send('get', '/auth/sessions', undefined, { token: person.access_token })
    expect(list.headers['x-total-count']).toBe('2')
    expect(list.body).toEqual([
      expect.objectContaining({ id: claimsOf(person.access_token).sid, current: true, device: null }),
      expect.objectContaining({ device: 'Phone/1', address: '127.0.0.1', current: false }),
    ])
    const times = { created_at: expect.any(String), last_used_at: expect.any(String), expires_at: expect.any(String) }
    expect(list.body).toEqual([expect.objectContaining(times), expect.objectContaining(times)])
    expect(await people.eventsOf(sessionOpened, person.id)).toHaveLength(2)
  })

  test('are mine to end, and nobody else’s', async () => {
    const [owner, stranger] = [await people.signUp(), await people.signUp()]
    const other = await people.logInAgain(owner)
    const path = `/auth/sessions/${claimsOf(other.access_token).sid}`
    const foreign = await people.send('delete', path, undefined, { token: stranger.access_token })
    expect(foreign.body).toMatchObject({ status: 404, code: 'session_not_found' })
    expect((await people.send('delete', path, undefined, { token: owner.access_token })).status).toBe(204)
    expect((await people.send('delete', path, undefined, { token: owner.access_token })).status).toBe(404)
    await expectRevoked(other.access_token)
    expect(await statusOf(owner.access_token)).toBe(200)
  })

  test.each(['/auth/sessions', '/auth/logout', '/auth/logout-all'])('take a token: %s', async (path) => {
    const method = path === '/auth/sessions' ? 'get' : 'post'
    expect((await people.send(method, path)).status).toBe(401)
  })
})
