import { expect, test } from '@jest/globals'
import { Refusal } from '@countinghouse/shared/refusal'
import { wallet } from '../testing/account.js'
import { atIndex, pairOf, transferEntry } from './domain.js'

const wallets = new Map(
  [
    wallet({ _id: 'ann', ownerId: 'ann' }),
    wallet({ _id: 'ben', ownerId: 'ben' }),
    wallet({ _id: 'eve', currency: 'EUR' }),
  ].map((one) => [one._id, one]),
)
const pair = (fromWalletId: string, toWalletId: string, payerId?: string) =>
  pairOf({ fromWalletId, toWalletId }, wallets, payerId)
const refusal = (code: string): unknown => expect.objectContaining({ code })

test('a wallet pays another of its currency, and never itself', () => {
  expect(pair('ann', 'ben', 'ann')).toMatchObject({ from: { _id: 'ann' }, to: { _id: 'ben' } })
  expect(() => pair('ann', 'ann')).toThrow(refusal('same_wallet'))
  expect(() => pair('ann', 'eve')).toThrow(refusal('currency_mismatch'))
})

test('to a user the wallet of another cannot pay, as if it were not there; to the house it can', () => {
  for (const from of ['ben', 'nowhere']) expect(() => pair(from, 'ann', 'ann')).toThrow(refusal('wallet_not_found'))
  expect(() => pair('ann', 'nowhere', 'ann')).toThrow(refusal('wallet_not_found'))
  expect(pair('ben', 'ann').from._id).toBe('ben')
})

test('a transfer takes from the payer what it gives the payee', () => {
  const order = { fromWalletId: 'ann', toWalletId: 'ben', amountMinor: 40n, description: null }
  expect(transferEntry(order, { entryId: 'e', actor: 'user:ann' })).toEqual({
    entryId: 'e',
    kind: 'transfer',
    actor: 'user:ann',
    postings: [
      { accountId: 'ann', side: 'debit', amountMinor: 40n },
      { accountId: 'ben', side: 'credit', amountMinor: 40n },
    ],
  })
})

test('a refusal within a batch names its place once; a fault stays a fault', () => {
  const inner = new Refusal('same_wallet', 422, 'no', { failed_index: 7 })
  expect(atIndex(inner, 0)).toBe(inner)
  expect(atIndex(new Refusal('same_wallet', 422, 'no'), 3)).toMatchObject({ context: { failed_index: 3 } })
  const fault = new Error('broken')
  expect(atIndex(fault, 3)).toBe(fault)
})
