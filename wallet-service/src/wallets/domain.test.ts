import { expect, test } from '@jest/globals'
import { wallet } from '../testing/account.js'
import { decideStatus } from './domain.js'

const empty = { postedMinor: 0n }
const refusal = (code: string): unknown => expect.objectContaining({ code })

test('an open wallet is frozen, a frozen one unfrozen, an empty one closed', () => {
  expect(decideStatus(wallet(), 'freeze')).toBe('frozen')
  expect(decideStatus(wallet({ status: 'frozen' }), 'unfreeze')).toBe('open')
  expect(decideStatus(wallet(empty), 'close')).toBe('closed')
  expect(decideStatus(wallet({ ...empty, status: 'frozen' }), 'close')).toBe('closed')
})

test('nothing is done twice, and a closed wallet stays closed', () => {
  expect(() => decideStatus(wallet({ status: 'frozen' }), 'freeze')).toThrow(refusal('wallet_frozen'))
  expect(() => decideStatus(wallet(), 'unfreeze')).toThrow(refusal('wallet_not_frozen'))
  for (const action of ['freeze', 'unfreeze', 'close'] as const)
    expect(() => decideStatus(wallet({ ...empty, status: 'closed' }), action)).toThrow(refusal('wallet_closed'))
})

test('a wallet with money in it, or held in it, or held for it, is not closed', () => {
  for (const fields of [{}, { ...empty, pendingInMinor: 1n }, { postedMinor: 1n, pendingOutMinor: 1n }])
    expect(() => decideStatus(wallet(fields), 'close')).toThrow(refusal('wallet_not_empty'))
})
