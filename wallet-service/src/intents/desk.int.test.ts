import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { payments } from '../payments/store.js'
import { fundedWallet } from '../testing/client.js'
import { hurry, openPaymentHouse, type PaymentHouse } from '../testing/payments.js'

let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse({ isTold: false })
})
afterAll(() => house.close())

const stuck = async () => (await house.admin.get('/ops/wallet/stuck')).body.stuck as object[]
const counted = async () => ((await house.admin.get('/ops/wallet/status')).body.sagas as { payment: object }).payment

test('a payment of which the provider says nothing for long lies on the desk until there is news', async () => {
  await fundedWallet(house.service, 'ann')
  const ann = house.customer('ann')
  const { id } = (await ann.send('post', '/payments/intents', { amount: 50 })).body as { id: string }
  house.obstruct('closed', /confirm$/)
  const confirm = await ann.send('post', `/payments/intents/${id}/confirm`, { payment_method: 'pm_card_visa' })
  expect([confirm.status, await stuck()]).toEqual([503, []])
  await inTransaction(house.service.db, (tx) =>
    tx.update(payments, { _id: id }, { $set: { 'asked.at': new Date(0) }, $inc: { version: 1 } }),
  )
  const [found] = await stuck()
  expect(found).toMatchObject({ saga: 'payment', id, since: '1970-01-01T00:00:00.000Z' })
  expect(await counted()).toMatchObject({ requires_payment_method: 1, succeeded: 0 })
  house.obstruct('open')
  await hurry(house, id)
  await eventually(async () => expect([await counted(), await stuck()]).toMatchObject([{ succeeded: 1 }, []]))
})
