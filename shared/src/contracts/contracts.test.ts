import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { envelopeSchema, type EventContract } from '../messaging/event.js'
import * as auth from './auth.js'
import * as books from './books.js'
import * as loan from './loan.js'
import * as wallet from './wallet.js'

const isContract = (value: unknown): value is EventContract =>
  typeof value === 'object' && value !== null && 'routingKey' in value

const contracts = Object.values<unknown>({ ...auth, ...books, ...loan, ...wallet }).filter(isContract)
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
