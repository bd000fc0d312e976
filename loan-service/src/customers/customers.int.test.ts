import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
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

test('staff add a customer, and every role that may read finds them by name', async () => {
  const added = await house.call('post', '/customers', {
    role: 'staff',
    body: { first_name: 'Asha', last_name: 'Aarav', email: 'Asha@Example.com', phone: '+91 98450 12345' },
  })
  expect(added.status).toBe(201)
  expect(added.body).toMatchObject({ email: 'asha@example.com', user_id: null, version: 1 })
  expect(added.body).not.toHaveProperty('loan_count')
  await house.addCustomer({ email: 'second@example.com' })
  for (const role of ['staff', 'admin', 'viewer'] as const) {
    expect((await house.call('get', `/customers/${added.body.id}`, { role })).body).toEqual(added.body)
    const list = await house.call('get', '/customers', { role, query: { page_size: 1 } })
    expect(list.body).toEqual([added.body])
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

test('while auth-service is away strangers are told to come back, and known customers are served', async () => {
  await house.apply('known')
  await house.tokens.close()
  const stranger = await house.apply('stranger')
  expect([stranger.status, stranger.headers['retry-after']]).toEqual([503, '1'])
  expect(await customerOf('stranger')).toBeUndefined()
  expect(await readsOn(house.db).count(loans, { enteredBy: 'stranger' })).toBe(0)
  expect((await house.apply('known')).status).toBe(201)
})
