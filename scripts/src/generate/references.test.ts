import { expect, test } from '@jest/globals'
import { toDiagram, type Collection } from './references.js'

const collection = (name: string, properties: Collection['shape']['properties'] = {}, unique?: string): Collection => ({
  name,
  shape: { properties, required: ['itemId'] },
  indexes: unique === undefined ? [] : [{ fields: { [unique]: 1 }, options: { unique: true } }],
})
const id = { bsonType: 'string' }
const lines = { items: { properties: { itemId: id } } }
const owners = [
  {
    name: 'stock',
    collections: [collection('items'), collection('bills', { itemId: id, userId: id, lines }, 'userId')],
  },
  { name: 'auth', collections: [collection('users', { providerUserId: id, nobodyId: id })] },
]

test('the name of a field tells what it refers to: by itself or in a list, here or in another service', () => {
  expect(toDiagram('stock', owners).split('\n').slice(2, -2)).toEqual([
    '  bills }o--|| items : "itemId"',
    '  bills |o..o| "auth/users" : "userId"',
    '  bills }o--o{ items : "lines[].itemId"',
  ])
})

test('a name that tells nothing is no reference', () => {
  expect(toDiagram('auth', owners)).toBe('')
  const twice = [...owners, { name: 'other', collections: [collection('users')] }]
  expect(toDiagram('stock', twice)).not.toContain('users')
})
