import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  userDeactivated,
  userDeleted,
  userReactivated,
  userRoleChanged,
  userUpdated,
} from '@countinghouse/shared/contracts/auth'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { TestService } from '@countinghouse/shared/testing/service'
import { createPeople, password, type People, type Person } from '../testing/people.js'
import { startAuthService } from '../testing/start.js'

let service: TestService
let people: People
let admin: Person
let customer: Person
beforeAll(async () => {
  service = await startAuthService()
  people = createPeople(service)
  admin = people.toPerson(await people.register({ email: 'boss@example.com' }))
  customer = await people.signUp()
})
afterAll(() => service.close())

const patch = (path: string, body: object, { access_token }: Person = admin, version?: number) =>
  people.send('patch', path, body, { token: access_token, ...(version !== undefined && { version }) })
const remove = ({ id }: Person) => people.send('delete', `/users/${id}`, undefined, { token: admin.access_token })
const list = async (query: string) => {
  const answer = await people.send('get', `/users?${query}`, undefined, { token: admin.access_token })
  return { ...answer, ids: Array.isArray(answer.body) ? (answer.body as Person[]).map(({ id }) => id) : [] }
}
const me = ({ access_token }: Person) => people.send('get', '/auth/me', undefined, { token: access_token })
const expectShutOut = (person: Person, detail: string) =>
  eventually(async () => expect((await me(person)).body).toMatchObject({ status: 401, detail }))

describe('my profile', () => {
  test.each(['/auth/me', '/me'])('is mine to change by %s, as the version that I saw', async (path) => {
    const person = await people.signUp()
    const body = { first_name: 'Asha', phone: '+91 98450 11111', username: `asha${path.length}` }
    const answer = await patch(path, body, person, 1)
    expect(answer.status).toBe(200)
    expect(answer.headers['etag']).toBe('"2"')
    expect(answer.body).toMatchObject({ ...body, last_name: null, version: 2 })
    expect((await patch(path, { last_name: 'Rao' }, person, 1)).body).toMatchObject({ status: 412 })
    expect((await patch(path, { first_name: null, last_name: 'Rao' }, person)).body).toMatchObject({ first_name: null })
    const told = await people.eventsOf(userUpdated, person.id)
    expect(told).toMatchObject([
      { ...body, version: 2 },
      { first_name: null, last_name: 'Rao', version: 3 },
    ])
  })

  test('that stays as it is has no new version and is not announced', async () => {
    const person = await people.signUp()
    expect((await patch('/auth/me', { phone: null }, person)).body).toMatchObject({ version: 1 })
    expect((await patch('/auth/me', {}, person)).body).toMatchObject({ version: 1 })
    expect(await people.eventsOf(userUpdated, person.id)).toEqual([])
  })

  test.each([
    ['role', { role: 'admin' }],
    ['status', { status: 'active' }],
    ['email_verified', { email_verified: true }],
    ['version', { version: 7 }],
    ['first_name', { first_name: { $ne: '' } }],
    ['username', { username: 'a@b' }],
  ])('has no place for %s: %j', async (field, body) => {
    const answer = await patch('/auth/me', body, customer)
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ errors: [{ loc: ['body', field] }] })
  })

  test('gets another e-mail address only with the password, and that one is unverified', async () => {
    const person = await people.signUp()
    await people.rowsOf('users').updateOne({ _id: person.id }, { $set: { emailVerified: true } })
    const email = 'Somewhere.Else@example.com'
    expect((await patch('/auth/me', { email }, person)).body).toMatchObject({
      errors: [{ loc: ['body', 'current_password'] }],
    })
    expect((await patch('/auth/me', { email, current_password: 'guess' }, person)).body).toMatchObject({
      status: 422,
      code: 'wrong_password',
    })
    const answer = await patch('/auth/me', { email, current_password: password }, person)
    expect(answer.body).toMatchObject({ email, email_verified: false, version: 2 })
    expect(await people.mailsTo(email)).toHaveLength(1)
    expect((await people.mailsTo(person.email)).at(-1)).toContain(email)
    expect((await people.login(email)).status).toBe(200)
    const taken = await patch('/auth/me', { email: customer.email, current_password: password }, person)
    expect(taken.body).toMatchObject({ status: 409, code: 'email_taken' })
  })

  test('cannot take the name of another', async () => {
    const answer = await patch('/auth/me', { username: 'BOSS' }, customer)
    expect(answer.body).toMatchObject({ status: 409, code: 'username_taken' })
  })
})

describe('the list of users', () => {
  test('is by pages, role, status and search, in the order asked for', async () => {
    const names = ['Ravi', 'Ramesh', 'Suresh']
    const made: Person[] = []
    for (const first_name of names) {
      const body = { email: `${first_name}@list.example`, role: 'vendor', first_name }
      made.push(people.toPerson(await people.register(body)))
    }
    const [ravi, ramesh, suresh] = made.map(({ id }) => id)
    const page = await list('role=vendor&page_size=2&search=list.EXAMPLE')
    expect(page.headers['x-total-count']).toBe('3')
    expect(page.ids).toEqual([suresh, ramesh])
    expect((await list('role=vendor&ordering=email')).ids).toEqual([ramesh, ravi, suresh])
    expect((await list('role=vendor&ordering=role,-created_at&search=ra')).ids).toEqual([ramesh, ravi])
    await patch(`/users/${ravi}`, { status: 'deactivated' })
    expect((await list('status=deactivated')).ids).toEqual([ravi])
    expect((await list('role=vendor&status=active')).ids).toEqual([suresh, ramesh])
    expect((await list(`search=${encodeURIComponent('.*')}`)).ids).toEqual([])
    expect((await list('search=(')).ids).toEqual([])
  })

  test.each(['ordering=password_hash', 'role=owner', 'page=0', 'search[$ne]=x', 'status=deleted'])(
    'does not know %s',
    async (query) => expect((await list(query)).status).toBe(422),
  )
})

describe('an admin', () => {
  test('adds a user of any role, who proves the address themselves', async () => {
    const body = { email: 'viewer@example.com', password, role: 'viewer' }
    const answer = await people.send('post', '/users', body, { token: admin.access_token })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ role: 'viewer', status: 'active', version: 1 })
    expect(answer.text).not.toContain('token')
    expect(await people.mailsTo(body.email)).toHaveLength(1)
    expect((await people.login(body.email)).status).toBe(200)
  })

  test('changes a role: what was issued for the old one ends', async () => {
    const staff = await people.appoint(admin, 'staff')
    const answer = await patch(`/users/${staff.id}`, { role: 'viewer' })
    expect(answer.body).toMatchObject({ role: 'viewer', version: 2 })
    expect(await people.eventsOf(userRoleChanged, staff.id)).toEqual([
      { user_id: staff.id, from: 'staff', to: 'viewer' },
    ])
    expect((await people.refresh(staff.refresh_token)).status).toBe(401)
    await eventually(async () => expect((await me(staff)).status).toBe(401))
    expect((await me(await people.logInAgain(staff))).body).toMatchObject({ role: 'viewer' })
  })

  test('deactivates and reactivates: meanwhile nothing works, and nobody is told why', async () => {
    const person = await people.signUp()
    expect((await patch(`/users/${person.id}`, { status: 'deactivated' })).body).toMatchObject({
      status: 'deactivated',
    })
    await expectShutOut(person, 'User not found')
    expect((await people.refresh(person.refresh_token)).status).toBe(401)
    expect((await people.login(person.email)).body).toMatchObject({ status: 401, detail: 'Invalid credentials' })
    await patch(`/users/${person.id}`, { status: 'active' })
    expect((await me(await people.logInAgain(person))).status).toBe(200)
    expect((await me(person)).status).toBe(401)
    expect(await people.eventsOf(userDeactivated, person.id)).toEqual([{ user_id: person.id }])
    expect(await people.eventsOf(userReactivated, person.id)).toEqual([{ user_id: person.id }])
  })

  test('deletes: the user is gone for good, and their names are free', async () => {
    const person = await people.signUp()
    expect((await remove(person)).status).toBe(204)
    await expectShutOut(person, 'User not found')
    expect((await remove(person)).body).toMatchObject({ status: 404, user_id: person.id })
    expect((await patch(`/users/${person.id}`, { status: 'active' })).status).toBe(404)
    expect((await list(`search=${person.email}`)).ids).toEqual([])
    expect((await people.login(person.email)).status).toBe(401)
    expect((await people.register({ email: person.email, role: 'vendor' })).status).toBe(201)
    expect(await people.eventsOf(userDeleted, person.id)).toEqual([{ user_id: person.id }])
  })

  test('works on the version that they saw', async () => {
    const person = await people.signUp()
    expect((await patch(`/users/${person.id}`, { phone: '1' }, admin, 1)).status).toBe(200)
    expect((await patch(`/users/${person.id}`, { phone: '2' }, admin, 1)).status).toBe(412)
  })

  test.each([{ password: 'another one' }, { is_admin: true }, { status: 'deleted' }, { role: { $ne: 'admin' } }])(
    'cannot write %j',
    async (body) => expect((await patch(`/users/${customer.id}`, body)).status).toBe(422),
  )
})

describe('the last active admin', () => {
  test.each([
    ['demoted', () => patch(`/users/${admin.id}`, { role: 'staff' })],
    ['deactivated', () => patch(`/users/${admin.id}`, { status: 'deactivated' })],
    ['deleted', () => remove(admin)],
  ])('is not %s', async (_, act) => {
    expect((await act()).body).toMatchObject({ status: 409, code: 'last_admin' })
    expect((await me(admin)).body).toMatchObject({ role: 'admin', status: 'active', version: 1 })
  })

  test('is left of two who shut each other out at the same moment', async () => {
    const second = await people.appoint(admin, 'admin')
    const answers = await Promise.all([
      patch(`/users/${second.id}`, { status: 'deactivated' }, admin),
      patch(`/users/${admin.id}`, { role: 'customer' }, second),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const left = await people.rowsOf('users').find({ role: 'admin', status: 'active' }).toArray()
    expect(left).toHaveLength(1)
    const [one] = left
    admin = await people.logInAgain(one?._id === admin.id ? admin : second)
  })
})

test.each([
  ['get', '/users'],
  ['post', '/users'],
  ['get', '/users/someone'],
  ['patch', '/users/someone'],
  ['delete', '/users/someone'],
] as const)('%s %s is for admins', async (method, path) => {
  expect((await people.send(method, path, {}, { token: customer.access_token })).status).toBe(403)
  expect((await people.send(method, path, {})).status).toBe(401)
})
