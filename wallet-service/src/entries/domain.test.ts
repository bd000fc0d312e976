import { expect, test } from '@jest/globals'
import { orderedEntry, type Leg } from './domain.js'

const leg = (side: 'debit' | 'credit', amountMinor: bigint, currency = 'USD'): Leg => ({
  accountId: `house:bank:${currency}`,
  side,
  amountMinor,
  currency,
})
const enter = (...legs: Leg[]) =>
  orderedEntry({ legs, description: 'why', fact: undefined }, { entryId: 'e', actor: 'user:admin' })

test('an entry by hand balances in each of its currencies', () => {
  const legs = [
    leg('debit', 3n),
    leg('credit', 1n),
    leg('credit', 2n),
    leg('debit', 5n, 'EUR'),
    leg('credit', 5n, 'EUR'),
  ]
  expect(enter(...legs).postings).toHaveLength(5)
})

test('one that does not is refused with the currency and both sums, even if the total is even', () => {
  expect(() => enter(leg('debit', 500n), leg('credit', 500n, 'EUR'))).toThrow(
    expect.objectContaining({ code: 'entry_unbalanced', context: { currency: 'USD', debits: 5, credits: 0 } }),
  )
})
