import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { userEmailVerified, userRegistered } from '@countinghouse/shared/contracts/auth'
import type { TestService } from '@countinghouse/shared/testing/service'
import { countByStatus, createPeople, inParallel, secretIn, type People, type Person } from '../testing/people.js'
import { startAuthService } from '../testing/start.js'

let service: TestService
let people: People
beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
})
afterAll(() => service.close())

const tokenOf = async ({ email }: Person) => secretIn((await people.mailsTo(email)).at(-1))
const verify = (token: string) => people.send('post', '/auth/verify-email', { token })
const resend = ({ access_token }: Person) =>
  people.send('post', '/auth/verify-email/resend', undefined, { token: access_token })
const isVerified = async ({ id }: Person) => (await people.rowsOf('users').findOne({ _id: id }))?.['emailVerified']

test('a new user proves the address with the token that was mailed to it, once', async () => {
  const person = await people.signUp()
  expect(await people.eventsOf(userRegistered, person.id)).toMatchObject([{ email_verified: false }])
  const token = await tokenOf(person)
  expect(JSON.stringify(await people.rowsOf('mailed_tokens').find().toArray())).not.toContain(token)
  const answers = await inParallel(3, () => verify(token))
  expect(countByStatus(answers)).toEqual({ 200: 1, 422: 2 })
  expect(answers.find(({ status }) => status === 200)?.body).toEqual({ email: person.email, email_verified: true })
  expect(await people.rowsOf('users').findOne({ _id: person.id })).toMatchObject({ emailVerified: true, version: 2 })
  expect(await people.eventsOf(userEmailVerified, person.id)).toEqual([{ user_id: person.id, email: person.email }])
  expect((await resend(person)).body).toMatchObject({ status: 409, code: 'already_verified' })
})

test('another token replaces the first, at most one a minute', async () => {
  const person = await people.signUp()
  const first = await tokenOf(person)
  expect((await resend(person)).status).toBe(202)
  expect(await people.mailsTo(person.email)).toHaveLength(1)
  const { id: userId } = person
  await people.rowsOf('mailed_tokens').updateOne({ userId }, { $set: { issuedAt: new Date(Date.now() - 61_000) } })
  expect((await resend(person)).status).toBe(202)
  expect((await verify(first)).body).toMatchObject({ status: 422, code: 'mailed_token_invalid' })
  expect((await verify(await tokenOf(person))).status).toBe(200)
})

test('a token proves nothing when it is too old, for another address or of a user who is gone', async () => {
  const [late, moved, gone] = [await people.signUp(), await people.signUp(), await people.signUp()]
  await people.rowsOf('mailed_tokens').updateOne({ userId: late.id }, { $set: { expiresAt: new Date() } })
  await people.rowsOf('users').updateOne({ _id: moved.id }, { $set: { email: 'moved@example.com' } })
  await people.rowsOf('users').updateOne({ _id: gone.id }, { $set: { status: 'deactivated' } })
  for (const person of [late, moved, gone]) {
    expect((await verify(await tokenOf(person))).status).toBe(422)
    expect(await isVerified(person)).toBe(false)
  }
})

test.each([{ token: { $ne: null } }, {}, { token: 'x', user_id: 'another' }])('%j is no proof', async (body) => {
  expect((await people.send('post', '/auth/verify-email', body)).status).toBe(422)
})

test('who is not logged in cannot ask for mails', async () => {
  expect((await people.send('post', '/auth/verify-email/resend')).status).toBe(401)
})
