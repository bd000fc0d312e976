import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { TestService } from '@countinghouse/shared/testing/service'
import { uniqueName } from '@countinghouse/shared/testing/servers'
import { sales } from '../sales/store.js'
import { callerOf, startInventory } from '../testing/service.js'

const sampled = { SAMPLE_DATA: 'on', MONGODB_DATABASE: uniqueName('test') } as const
let first: TestService
let second: TestService
beforeAll(async () => {
  first = await startInventory(sampled)
  second = await startInventory(sampled)
}, 60_000)
afterAll(async () => {
  await second.close()
  await first.close()
})

const read = async (path: string) => callerOf(first)('get', path, { userId: 'USER-RAJ' })

test('the sale of the documentation is there, made by its user', async () => {
  const sale = await read('/sales/SO-251223-0026')
  expect(sale.body).toMatchObject({
    ...{ bill_number: 'SO-251223-0026', customer_id: 'CUST-001', customer_name: 'ABC Grocery', total_price: 700 },
    ...{ status: 'confirmed', payment_status: 'pending', created_by: 'USER-RAJ' },
    created_at: '2025-12-23T14:30:00.000Z',
    line_items: [
      { item_id: 'bottle-500ml-a', item_name: 'Bottle 500ml Grade A', quantity: 100, unit_price: 4, total_price: 400 },
      { item_id: 'bottle-1500ml-a', item_name: 'Bottle 1500ml Grade A', quantity: 50, unit_price: 6, total_price: 300 },
    ],
  })
})

test('however often a process starts, the day has twenty-six sales and five hundred of each bottle are left', async () => {
  const numbers = (await readsOn(first.db).find(sales, {}, { sort: { _id: 1 } })).map(({ _id }) => _id)
  expect(numbers).toHaveLength(26)
  expect([numbers[0], numbers[25]]).toEqual(['SO-251223-0001', 'SO-251223-0026'])
  for (const item of ['bottle-500ml-a', 'bottle-1500ml-a'])
    expect((await read(`/stocks/${item}`)).body).toMatchObject({ quantity: 500 })
})
