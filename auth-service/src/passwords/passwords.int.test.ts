import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { passwordChanged, sessionEnded } from '@countinghouse/shared/contracts/auth'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { TestService } from '@countinghouse/shared/testing/service'
import {
  countByStatus,
  createPeople,
  inParallel,
  password,
  secretIn,
  type People,
  type Person,
} from '../testing/people.js'
import { startAuthService } from '../testing/start.js'

let service: TestService
let people: People
beforeAll(async () => {
  service = await startAuthService({ APP_URL: 'https://app.example' })
  people = createPeople(service)
})
afterAll(() => service.close())

const better = 'a stapled horse'
const change = (body: object, { access_token }: Person) =>
  people.send('post', '/auth/change-password', body, { token: access_token })
const forgot = (email: string) => people.send('post', '/auth/forgot-password', { email })
const reset = (token: string, new_password = better) =>
  people.send('post', '/auth/reset-password', { token, new_password })
const statusOf = async ({ access_token }: Person) =>
  (await people.send('get', '/auth/me', undefined, { token: access_token })).status
const resetMails = async ({ email }: Person) =>
  (await people.mailsTo(email)).filter((text) => text.includes('/reset-password'))
const askForToken = async (person: Person) => {
  expect((await forgot(person.email)).status).toBe(202)
  return secretIn((await resetMails(person)).at(-1))
}
const reasonsOf = async ({ id }: Person) =>
  (await people.eventsOf(sessionEnded, id)).map((data) => (data as { reason: string }).reason)

describe('a change of password', () => {
  test('takes the current one, ends all other sessions and is told to the user', async () => {
    const person = await people.signUp()
    const other = await people.logInAgain(person)
    expect((await change({ current_password: password, new_password: better }, person)).status).toBe(204)
    expect((await people.login(person.email)).status).toBe(401)
    expect((await people.login(person.email, { password: better })).status).toBe(200)
    expect(await statusOf(person)).toBe(200)
    await eventually(async () => expect(await statusOf(other)).toBe(401))
    expect((await people.refresh(person.refresh_token)).status).toBe(200)
    expect((await people.refresh(other.refresh_token)).status).toBe(401)
    expect(await people.eventsOf(passwordChanged, person.id)).toEqual([{ user_id: person.id, by: 'change' }])
    expect(await reasonsOf(person)).toEqual(['password_changed'])
    expect((await people.mailsTo(person.email)).at(-1)).toContain('your password was changed')
  })

  test('with a wrong current password changes nothing, and guesses are delayed as at a login', async () => {
    const person = await people.signUp()
    const guess = () => change({ current_password: 'guess', new_password: better }, person)
    for (let time = 0; time < 5; time += 1)
      expect((await guess()).body).toMatchObject({ status: 422, code: 'wrong_password' })
    expect((await guess()).status).toBe(429)
    expect(await people.eventsOf(passwordChanged, person.id)).toEqual([])
  })

  test('of two at the same moment with the same old password one wins', async () => {
    const person = await people.signUp()
    const words = ['first new words', 'second new words']
    const answers = await Promise.all(
      words.map((new_password) => change({ current_password: password, new_password }, person)),
    )
    expect(countByStatus(answers)).toEqual({ 204: 1, 422: 1 })
    expect(await people.eventsOf(passwordChanged, person.id)).toHaveLength(1)
  })

  test.each([
    [{ current_password: password, new_password: 'short' }, 'new_password'],
    [{ current_password: password, new_password: 'Password123' }, 'new_password'],
    [{ current_password: { $ne: '' }, new_password: better }, 'current_password'],
    [{ new_password: better }, 'current_password'],
    [{ current_password: password, new_password: better, user_id: 'another' }, 'user_id'],
  ])('is refused for %j', async (body, field) => {
    const answer = await change(body, await people.signUp())
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ errors: [{ loc: ['body', field] }] })
  })
})

describe('a forgotten password', () => {
  test('is replaced by who reads the user’s mail; all sessions end and failures are forgotten', async () => {
    const person = await people.signUp()
    for (let time = 0; time < 6; time += 1) await people.login(person.email, { password: 'wrong' })
    const token = await askForToken(person)
    expect((await resetMails(person)).at(-1)).toContain(`https://app.example/reset-password?token=${token}`)
    expect((await reset(token)).status).toBe(204)
    expect((await people.login(person.email, { password: better })).status).toBe(200)
    expect((await people.refresh(person.refresh_token)).status).toBe(401)
    await eventually(async () => expect(await statusOf(person)).toBe(401))
    expect(await people.eventsOf(passwordChanged, person.id)).toEqual([{ user_id: person.id, by: 'reset' }])
    expect(await reasonsOf(person)).toEqual(['password_reset'])
    expect((await reset(token, 'yet another one')).body).toMatchObject({ status: 422, code: 'mailed_token_invalid' })
  })

  test('is answered in the same way and time for anyone, and mailed to nobody else', async () => {
    const person = await people.signUp()
    const ask = async (email: string) => {
      const startedAt = performance.now()
      const { status, body } = await forgot(email)
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199)
      return { status, named: (body as { email: string }).email === email, keys: Object.keys(body as object) }
    }
    const [known, unknown] = [await ask(person.email), await ask('nobody@example.com')]
    expect(known).toEqual({ status: 202, named: true, keys: ['email'] })
    expect(unknown).toEqual(known)
    expect(await people.mailsTo('nobody@example.com')).toEqual([])
    await people.rowsOf('users').updateOne({ _id: person.id }, { $set: { status: 'deactivated' } })
    await people.clear('mailed_tokens', 'mails')
    expect(await ask(person.email)).toEqual(known)
    expect(await resetMails(person)).toEqual([])
  })

  test('fills nobody’s mailbox', async () => {
    const person = await people.signUp()
    await inParallel(5, () => forgot(person.email))
    expect(await resetMails(person)).toHaveLength(1)
  })

  test('is replaced once, however many come with the token at once', async () => {
    const person = await people.signUp()
    const token = await askForToken(person)
    const answers = await inParallel(4, (index) => reset(token, `new words number ${index}`))
    expect(countByStatus(answers)).toEqual({ 204: 1, 422: 3 })
    expect(await people.eventsOf(passwordChanged, person.id)).toHaveLength(1)
  })

  test('leaves no token in the database, and an old one opens nothing', async () => {
    const person = await people.signUp()
    const token = await askForToken(person)
    expect(JSON.stringify(await people.rowsOf('mailed_tokens').find().toArray())).not.toContain(token)
    await people.rowsOf('mailed_tokens').updateMany({ userId: person.id }, { $set: { expiresAt: new Date() } })
    expect((await reset(token)).status).toBe(422)
  })

  test('whose token went to an address that is not the user’s any more stays as it is', async () => {
    const person = await people.signUp()
    const token = await askForToken(person)
    await people.rowsOf('users').updateOne({ _id: person.id }, { $set: { email: 'new@example.com' } })
    expect((await reset(token)).status).toBe(422)
  })

  test.each([
    ['/auth/forgot-password', { email: { $gt: '' } }],
    ['/auth/reset-password', { token: { $ne: null }, new_password: better }],
    ['/auth/reset-password', { token: 'x', new_password: 'short' }],
    ['/auth/reset-password', { token: 'x', new_password: better, email: 'someone@example.com' }],
  ])('%s does not take %j', async (path, body) => expect((await people.send('post', path, body)).status).toBe(422))
})
