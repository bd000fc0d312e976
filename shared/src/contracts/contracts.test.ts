import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { envelopeSchema, newEvent, type EventContract } from '../messaging/event.js'
import * as accountSync from './accountSync.js'
import * as approvals from './approvals.js'
import * as audit from './audit.js'
import * as auth from './auth.js'
import * as blows from './blows.js'
import * as books from './books.js'
import * as inventory from './inventory.js'
import * as duplicates from './duplicates.js'
import * as loan from './loan.js'
import * as ops from './ops.js'
import * as payment from './payment.js'
import * as purchases from './purchases.js'
import * as remittance from './remittance.js'
import * as sales from './sales.js'
import * as shop from './shop.js'
import * as wallet from './wallet.js'

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'routingKey' in value

const contracts = Object.values<unknown>({
  ...accountSync,
  ...approvals,
  ...audit,
  ...auth,
  ...blows,
  ...books,
  ...duplicates,
  ...inventory,
  ...loan,
  ...ops,
  ...payment,
  ...purchases,
  ...remittance,
  ...sales,
  ...shop,
  ...wallet,
}).filter(isContract)
const samples = new URL('./samples/', import.meta.url)
const sampleOf = ({ routingKey }: EventContract): unknown =>
  JSON.parse(readFileSync(new URL(`${routingKey}.json`, samples), 'utf8'))

test('every event type has exactly one golden sample', () => {
  const expected = contracts.map(({ routingKey }) => `${routingKey}.json`)
  expect(readdirSync(samples).sort()).toEqual(expected.sort())
})

test.each(contracts.map((contract) => [contract.type, contract] as const))(
  'the golden sample of %s is read by its contract and written back the same',
  (_type, contract) => {
    const sample = envelopeSchema.parse(sampleOf(contract))
    expect(sample).toMatchObject({ type: contract.type, source: contract.source })
    const data = contract.schema.parse(sample.data)
    expect(contract.schema.encode(data)).toEqual(sample.data)
    expect(newEvent(contract, 'one', data).data).toEqual(sample.data)
    expect(() => newEvent(contract, 'one', {})).toThrow('invalid')
  },
)

test.each(contracts.map((contract) => [contract.type, contract] as const))(
  '%s lets unknown fields pass, so that its producer may add some',
  (_type, contract) => {
    const sample = envelopeSchema.parse(sampleOf(contract))
    const grown = { ...(sample.data as object), added_later: 'yes' }
    expect(contract.schema.safeParse(grown).success).toBe(true)
    expect(envelopeSchema.safeParse({ ...sample, addedlater: 'yes' }).success).toBe(true)
  },
)
