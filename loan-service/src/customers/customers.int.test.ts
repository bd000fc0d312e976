import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loanApproved } from '@countinghouse/shared/contracts/loan'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { emailOf } from '@countinghouse/shared/testing/tokens'
import { loans } from '../loans/store/collection.js'
import { atOnce, openLoanHouse, tally, type LoanHouse } from '../testing/house.js'
import { customers } from './store.js'

let house: LoanHouse
beforeAll(async () => {
  house = await openLoanHouse()
})
afterAll(() => house.close())

const customerOf = (userId: string) => readsOn(house.db).findOne(customers, { userId })

test('staff add a customer, and every role that may read finds them, viewers without knowing who they are', async () => {
  const added = await house.call('post', '/customers', {
    role: 'staff',
    body: { first_name: 'Asha', last_name: 'Aarav', email: 'Asha@Example.com', phone: '+91 98450 12345' },
  })
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({ email: 'asha@example.com', user_id: null, version: 1 })
  expect(added.body).not.toHaveProperty('loan_count')
  await house.addCustomer({ email: 'second@example.com' })
  const masked = { first_name: 'A***', last_name: 'A***', email: 'a***@example.com', phone: '+*** 9*** 1***' }
  for (const role of ['staff', 'admin', 'viewer'] as const) {
    const shown = { ...added.body, ...(role === 'viewer' && masked) }
    expect((await house.call('get', `/customers/${added.body.id}`, { role })).body).toEqual(shown)
    const list = await house.call('get', '/customers', { role, query: { page_size: 1 } })
    expect(list.body).toEqual([shown])
    expect(list.headers['x-total-count']).toBe('2')
  }
  expect((await house.call('get', '/customers', { role: 'customer' })).status).toBe(403)
  expect((await house.call('get', '/customers/unknown', { role: 'staff' })).status).toBe(404)
})

test('an e-mail address, in whatever case, and a user belong to one customer each', async () => {
  await house.addCustomer({ email: 'taken@example.com', user_id: 'taken' })
  const sameEmail = await house.addCustomer({ email: 'TAKEN@example.com' })
  expect([sameEmail.status, sameEmail.body.code]).toEqual([409, 'customer_exists'])
  const sameUser = await house.addCustomer({ email: 'other@example.com', user_id: 'taken' })
  expect([sameUser.status, sameUser.body.code]).toEqual([409, 'user_has_customer'])
  const twins = await atOnce(10, () => house.addCustomer({ email: 'twin@example.com' }))
  expect(tally(twins)).toEqual({ 201: 1, 409: 9 })
})

test('a user becomes a customer with the first application, under the address that auth-service knows', async () => {
  const first = await house.apply('newcomer')
  expect(first.status).toBe(201)
  const customer = await customerOf('newcomer')
  expect(customer).toMatchObject({ email: emailOf('newcomer'), firstName: 'Test', lastName: 'newcomer', loanCount: 1 })
  const second = await house.apply('newcomer')
  expect(second.body.customer_id).toBe(customer?._id)
})

test('a user whose application is refused does not become a customer', async () => {
  expect((await house.apply('refused', { amount: 6000, term_months: 12 })).status).toBe(422)
  expect(await customerOf('refused')).toBeUndefined()
})

test('nobody gets at a customer’s loans by registering with their address', async () => {
  const { body } = await house.addCustomer({ email: emailOf('impostor') })
  const refused = await house.apply('impostor')
  expect([refused.status, refused.body.code]).toEqual([409, 'customer_link_required'])
  expect(await readsOn(house.db).findOne(customers, { _id: body.id })).toMatchObject({ userId: null, loanCount: 0 })
})

const patch = (id: string, body: object, ifMatch?: number) =>
  house.call('patch', `/customers/${id}`, { role: 'staff', body, ...(ifMatch !== undefined && { ifMatch }) })

test('staff change what they know of a customer, of the version that they read', async () => {
  const { body } = await house.addCustomer({ email: 'jane.doe@example.com' })
  const changed = await patch(body.id, { phone: '555-5678', email: 'Jane@Example.com' }, 1)
  expect([changed.status, changed.headers['etag']]).toEqual([200, '"2"'])
  expect(changed.body).toMatchObject({ phone: '555-5678', email: 'jane@example.com', first_name: 'A', version: 2 })
  expect((await patch(body.id, { phone: '1' }, 1)).status).toBe(412)
  expect((await patch(body.id, { email: 'second@example.com' })).body.code).toBe('customer_exists')
  expect((await patch(body.id, { user_id: 'taken' })).body.code).toBe('user_has_customer')
  for (const wrong of [{ first_name: null }, { email: 'x' }, { loan_count: 0 }])
    expect((await patch(body.id, wrong)).status).toBe(422)
  expect((await patch('unknown', {})).status).toBe(404)
  expect((await house.call('patch', `/customers/${body.id as string}`, { role: 'viewer', body: {} })).status).toBe(403)
})

test('a customer is deleted only while no loan is theirs', async () => {
  const { body } = await house.addCustomer({ email: 'short@example.com' })
  const remove = () => house.call('delete', `/customers/${body.id as string}`, { role: 'staff' })
  const answers = await Promise.all([house.enter(body.id), remove()])
  const [entered, removed] = answers.map(({ status }) => status)
  expect([
    [201, 409],
    [404, 204],
  ]).toContainEqual([entered, removed])
  expect((await remove()).status).toBe(entered === 201 ? 409 : 404)
})

const loanOf = (id: string) => readsOn(house.db).findOne(loans, { _id: id })
const asks = async (loanId: string) =>
  (await announced(house.db, loanApproved)).filter(({ subject }) => subject === loanId).map(({ data }) => data)

test('a user linked to a customer gets what waited for one, and is not removed while loans are open', async () => {
  const { body } = await house.addCustomer({ email: 'walk-in@example.com' })
  const { id } = (await house.enter(body.id)).body
  await house.approve(id, 'approver')
  const asDecider = await patch(body.id, { user_id: 'approver' })
  expect([asDecider.status, asDecider.body.code]).toEqual([403, 'own_loan'])
  expect((await patch(body.id, { user_id: 'walk-in' })).status).toBe(200)
  expect(await loanOf(id)).toMatchObject({ status: 'APPROVED', disbursement: { status: 'PENDING', code: null } })
  expect(await asks(id)).toMatchObject([{ user_id: null }, { user_id: 'walk-in', amount_minor: '2500000' }])
  for (const user_id of [null, 'another']) {
    const refused = await patch(body.id, { user_id })
    expect([refused.status, refused.body.code]).toEqual([409, 'customer_has_open_loans'])
  }
})

test('whoever links a user while the loan is approved, the user is asked to be paid, ten times over', async () => {
  for (let round = 0; round < 10; round++) {
    const name = `racer-${round.toString()}`
    const { body } = await house.addCustomer({ email: `${name}@example.com` })
    const { id } = (await house.enter(body.id)).body
    await Promise.all([house.approve(id), patch(body.id, { user_id: name })])
    expect((await asks(id)).at(-1)).toMatchObject({ user_id: name })
    expect((await loanOf(id))?.disbursement).toMatchObject({ status: 'PENDING', code: null })
  }
})

test('a user with a verified address becomes the customer of that address by applying', async () => {
  const { body } = await house.addCustomer({ email: emailOf('verified-owner') })
  const applied = await house.apply('verified-owner')
  expect([applied.status, applied.body.customer_id]).toEqual([201, body.id])
})

test('while auth-service is away strangers are told to come back, and known customers are served', async () => {
  await house.apply('known')
  await house.tokens.close()
  const stranger = await house.apply('stranger')
  expect([stranger.status, stranger.headers['retry-after']]).toEqual([503, '1'])
  expect(await customerOf('stranger')).toBeUndefined()
  expect(await readsOn(house.db).count(loans, { enteredBy: 'stranger' })).toBe(0)
  expect((await house.apply('known')).status).toBe(201)
})
