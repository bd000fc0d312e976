import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AuthOffice } from '@countinghouse/shared/http/authOffice'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { freePort, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import request from 'supertest'
import { createPeople, type People, type Person } from '../testing/people.js'
import { openOffice, secretOf, startAuthService } from '../testing/start.js'
import { earliestIdAt } from './domain.js'

let service: TestService
let people: People
let admin: Person
let loan: AuthOffice
let walletWithoutRedis: AuthOffice
beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
  admin = people.toPerson(await people.register({ email: 'boss@example.com' }))
  loan = openOffice(service)
  walletWithoutRedis = openOffice(service, 'wallet-service', `redis://127.0.0.1:${(await freePort()).toString()}`)
})
afterAll(async () => {
  await Promise.all([loan.stop(), walletWithoutRedis.stop()])
  await service.close()
})

const outcome = async (office: AuthOffice, token: string): Promise<string> => {
  try {
    return (await office.authenticate(`Bearer ${token}`)).kind
  } catch (error) {
    return (error as Error).message
  }
}
const here = async (token: string) => (await people.send('get', '/me', undefined, { token })).status
const believedEverywhere = async (...tokens: string[]) => {
  for (const token of tokens) {
    for (const office of [loan, walletWithoutRedis]) expect(await outcome(office, token)).toBe('user')
    expect(await here(token)).toBe(200)
  }
}
const refusedWithin = (ms: number, office: AuthOffice, tokens: string[]) =>
  eventually(async () => {
    for (const token of tokens) expect(await outcome(office, token)).toMatch(/Invalid token|User not found/)
  }, ms)

test('a logout, the end of all sessions and a deactivation end the tokens in every process', async () => {
  const leaving = await people.signUp()
  const everywhere = await people.signUp()
  const fired = await people.signUp()
  const staying = await people.signUp()
  const second = await people.logInAgain(everywhere)
  const ending = [leaving, everywhere, second, fired].map(({ access_token }) => access_token)
  await believedEverywhere(...ending, staying.access_token)

  await people.send('post', '/auth/logout', {}, { token: leaving.access_token })
  await people.send('post', '/auth/logout-all', {}, { token: everywhere.access_token })
  const fresh = await people.logInAgain(everywhere)
  await people.send('patch', `/users/${fired.id}`, { status: 'deactivated' }, { token: admin.access_token })
  await refusedWithin(1_000, loan, ending)

  await refusedWithin(3_500, walletWithoutRedis, ending)
  for (const token of ending) expect(await here(token)).toBe(401)
  await believedEverywhere(fresh.access_token, staying.access_token)
})

describe('the list of revocations', () => {
  test('is for services alone', async () => {
    expect((await people.send('get', '/auth/revocations')).status).toBe(401)
    expect((await people.send('get', '/auth/revocations', undefined, { token: admin.access_token })).status).toBe(403)
  })

  const rowOf = (subject: string, _id = uuidv7()) => ({
    ...{ _id, kind: 'session', subject },
    ...{ revokedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) },
  })
  /** All that a process reads from there on, and where it reads on. */
  const readOn = async (after: string) => {
    const token = await serviceToken()
    const subjects = new Set<string>()
    let page = { revocations: [] as { subject: string }[], next: after, more: true }
    while (page.more) {
      const answer = await people.send('get', `/auth/revocations?after=${page.next}`, undefined, { token })
      page = answer.body as typeof page
      for (const { subject } of page.revocations) subjects.add(subject)
    }
    return { subjects, next: page.next }
  }

  test('is read to its end, however long it is', async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => rowOf(`many-${index}`))
    await people.rowsOf('revocations').insertMany(rows)
    const { subjects } = await readOn('')
    for (const { subject } of rows) expect(subjects).toContain(subject)
  })

  test('skips nothing that took its place earlier and commits later', async () => {
    await people.rowsOf('revocations').insertOne(rowOf('before'))
    const { subjects, next } = await readOn('')
    expect(subjects).toContain('before')
    await people.rowsOf('revocations').insertOne(rowOf('late', earliestIdAt(Date.now() - 30_000)))
    await people.rowsOf('revocations').insertOne(rowOf('long ago', earliestIdAt(Date.now() - 3_600_000)))
    const later = await readOn(next)
    expect(later.subjects).toContain('late')
    expect(later.subjects).not.toContain('long ago')
  })
})

const logIn = (body: object) => request(service.url).post('/auth/service-token').send(body)
const serviceToken = async () => {
  const answer = await logIn({ client_id: 'loan-service', client_secret: secretOf('loan-service') })
  return (answer.body as { access_token: string }).access_token
}

describe('a service', () => {
  const client_id = 'loan-service'

  test('gets a short token for its secret, by JSON, by a form and by HTTP Basic', async () => {
    const client_secret = secretOf(client_id)
    const grant_type = 'client_credentials'
    const basic = () => request(service.url).post('/auth/service-token').type('form').auth(client_id, client_secret)
    const answers = await Promise.all([
      logIn({ client_id, client_secret }),
      request(service.url).post('/auth/service-token').type('form').send({ grant_type, client_id, client_secret }),
      basic().send({ grant_type }),
    ])
    for (const answer of answers) {
      expect(answer.status).toBe(200)
      expect(answer.headers['cache-control']).toBe('no-store')
      expect(answer.body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 300 })
      const { access_token } = answer.body as { access_token: string }
      expect(await loan.authenticate(`Bearer ${access_token}`)).toEqual({ kind: 'service', name: client_id })
      expect(await here(access_token)).toBe(403)
    }
  })

  test.each([
    ['without a secret', { client_id }],
    ['with a wrong secret', { client_id, client_secret: 'x'.repeat(43) }],
    ['with the secret of another service', { client_id, client_secret: secretOf('wallet-service') }],
    ['under a name that no service has', { client_id: 'bank-service', client_secret: secretOf('bank-service') }],
    ['without a name', { client_secret: secretOf('') }],
  ])('gets none %s', async (_, body) => {
    const answer = await logIn(body)
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ code: 'invalid_client', detail: 'Invalid client credentials' })
  })
})
