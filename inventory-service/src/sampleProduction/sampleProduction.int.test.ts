import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createCalendar } from '@countinghouse/shared/calendar'
import { createLog } from '@countinghouse/shared/log'
import type { ServiceKit } from '@countinghouse/shared/service'
import type { TestService } from '@countinghouse/shared/testing/service'
import { loadProduction } from '../app.sampleProduction.js'
import type { Settings } from '../config.js'
import { callerOf, startInventory } from '../testing/service.js'

let service: TestService
beforeAll(async () => {
  service = await startInventory()
})
afterAll(() => service.close())

const settings = { DEFAULT_CURRENCY: 'USD', APPROVAL_THRESHOLD: 10_000n, APPROVALS_REQUIRED: 2, APPROVAL_DAYS: 7 }
const load = () => {
  const kit = { db: service.db, log: createLog('test', 'silent'), now: () => new Date(), settings }
  return loadProduction({
    ...kit,
    calendar: createCalendar({ zone: 'Asia/Kolkata' }),
  } as unknown as ServiceKit<Settings>)
}
const read = async (path: string) => (await callerOf(service)('get', path, { userId: 'USER-RAJ' })).body

test('however often it is loaded, 1000 preforms were bought for 2000.00 once, and are 950 bottles at 2.11', async () => {
  await Promise.all([load(), load()])
  await load()
  expect(await read('/purchases')).toMatchObject([
    { bill_number: 'PO-251222-0001', supplier_name: 'Polymer Works', total_amount: 2000, status: 'received' },
  ])
  expect(await read('/blows')).toMatchObject([
    { input_quantity: 1000, quantity: 950, produced_unit_cost: 2.11, yield: 95, date: '2025-12-22' },
  ])
  expect(await read('/stocks/bottle-500ml-b')).toMatchObject({ quantity: 950 })
})
