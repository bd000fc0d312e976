import { expect, test } from '@jest/globals'
import { masked, withoutPersons } from './persons.js'

test('persons are masked, and goods and amounts are as they are', () => {
  const data = {
    ...{ email: 'jane.doe@example.com', first_name: 'Jane', phone: '+91 98765 43210', last_name: null },
    ...{ party: { id: 'CUST-001', name: 'ABC Grocery' }, lines: [{ item_name: 'Bottle 1 l', quantity: 3 }] },
    ...{ address: { street: 'Main Road 5' }, amount_minor: '500', twins: [{ party: 'Raj Traders' }] },
  }
  expect(withoutPersons(data)).toEqual({
    ...{ email: 'j***@example.com', first_name: 'J***', phone: '+*** 9*** 4***', last_name: null },
    ...{ party: { id: 'CUST-001', name: 'A*** G***' }, lines: [{ item_name: 'Bottle 1 l', quantity: 3 }] },
    ...{ address: { street: 'M*** R*** 5' }, amount_minor: '500', twins: [{ party: 'R*** T***' }] },
  })
})

test('of a masked name or address as much is left as one needs to know it again', () => {
  expect(['Raj Traders', 'raj@example.com', 'R', '', null, 5].map(masked)).toEqual(['R*** T***', 'r***@example.com', 'R', '', null, 5]) // prettier-ignore
})
