import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { balanceOf, fundedWallet, nothingWrong, wrongInTheBooks } from '../testing/client.js'
import { openPaymentHouse, type PaymentHouse } from '../testing/payments.js'

let house: PaymentHouse
beforeAll(async () => {
  house = await openPaymentHouse({ SAMPLE_DATA: 'on' })
})
afterAll(() => house.close())

test('the users of the examples have paid by card, been refused and refunded, and sent money, once their wallets are open', async () => {
  const wallets = [await fundedWallet(house.service, 'user123'), await fundedWallet(house.service, 'user456')]
  await eventually(async () => {
    const posted = await Promise.all(wallets.map(async (id) => (await balanceOf(house.service, id)).posted))
    expect(posted).toEqual([240_00n, 80_00n])
  }, 60_000)
  const paid = (await house.admin.get('/payments/intents')).body as { status: string }[]
  expect(paid.map(({ status }) => status).sort()).toEqual(['requires_payment_method', 'succeeded', 'succeeded'])
  await eventually(async () => {
    expect((await house.admin.get('/payments/reconciliation')).body.differences).toEqual([])
  })
  expect(await wrongInTheBooks(house.service)).toEqual(nothingWrong)
}, 90_000)
